import { page } from "fresh";
import { Head } from "fresh/runtime";
import { AccountDeleted } from "./(_parts)/DeleteAccount.tsx";
import { define } from "../../lib/state.ts";

export const handler = define.handlers({
  GET(ctx) {
    const figure = (name: string) => {
      const text = ctx.url.searchParams.get(name) ?? "";
      return /^\d{1,9}$/.test(text) ? Number(text) : null;
    };
    return page({ runs: figure("runs"), keys: figure("keys"), sessions: figure("sessions") });
  },
});

export default define.page<typeof handler>(function Deleted({ data }) {
  return (
    <>
      <Head>
        <title>Deleted · Taskstream</title>
      </Head>
      <AccountDeleted {...data} />
    </>
  );
});
