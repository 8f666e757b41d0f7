/**
 * A JSON result for reading, on one grid: what, value, evidence. Fields, lists and tables come in schema
 * order, each with its basis beside it and its reasons below.
 */
import { inOrder, isObject, type JsonObject } from "../../lib/base/mod.ts";
import type { FieldBasis } from "../../lib/parallel/mod.ts";
import {
  fieldNames,
  isWord,
  itemOf,
  labelOf,
  memberOf,
  orderedEntries,
  type Schema,
  shownLine,
  showValue,
  tableColumns,
} from "../../lib/results/mod.ts";
import { count } from "../../lib/base/mod.ts";
import { hasReasons, Marks, Reasons, WhyToggle } from "./Evidence.tsx";
import { describedAs, fieldId, join, pathWords, type Place } from "./reading.ts";
import { Misfits, Scalar } from "./Scalar.tsx";
import { Table } from "./Table.tsx";

/** A content that is an object: a row for each field. */
export function Fields({ value: record, path, schema, reading }: Place<JsonObject>) {
  const entries = orderedEntries(record, schema);
  if (entries.length === 0) return <span class="text-soft">empty</span>;
  return (
    <dl class="fields">
      {entries.map(([key, value]) => (
        <Field
          key={key}
          name={key}
          value={value}
          path={join(path, key)}
          schema={memberOf(schema, key)}
          reading={reading}
        />
      ))}
    </dl>
  );
}

function Field({ name, value, path, schema, reading }: Place & { name: string }) {
  const basis = reading.basisIndex.byPath.get(path);
  const isWide = needsWidth({ value, path, schema, reading });
  const evidence = basis && <Evidence {...{ value, path, schema, reading, basis }} />;
  return (
    <div class={isWide ? "field wide-field" : "field"} id={fieldId(path)}>
      <dt title={describedAs(schema, reading)}>
        {labelOf(name, value, schema)}
        {isWide && Array.isArray(value) && <small>{` ${count(reading.lengthOf(path))}`}</small>}
      </dt>
      {/* What a list is based on comes before what its items are based on. */}
      {isWide && evidence && <dd class="as-whole text-soft">as a whole</dd>}
      {isWide && evidence}
      <dd class="value">
        <JsonValue value={value} path={path} schema={schema} reading={reading} name={name} />
        <Misfits path={path} reading={reading} />
      </dd>
      {!isWide && evidence}
    </div>
  );
}

/** What a value is based on: in short, and in full once it is asked for. */
function Evidence(
  { basis, as: Tag = "dd", ...place }: Place & { basis: FieldBasis; as?: "dd" | "div" },
) {
  const { value, path, reading } = place;
  const reasons = hasReasons(basis, reading);
  return (
    <>
      <Tag class="evidence">
        <Marks basis={basis} reading={reading} />
        {reasons && <WhyToggle label={pathWords(path)} />}
      </Tag>
      {reasons && (
        <Tag class="reasons">
          <Reasons basis={basis} reading={reading} value={value} />
        </Tag>
      )}
    </>
  );
}

/** Whether a value takes the evidence's column too: it is a table, or its parts have evidence of their own. */
function needsWidth({ value, path, schema, reading }: Place): boolean {
  if (Array.isArray(value)) {
    return value.length > 0 && (reading.basisIndex.depthBelow(path) > 0 || !value.every(isWord));
  }
  return isObject(value) && (reading.basisIndex.depthBelow(path) > 0 ||
    Object.entries(value).some(([key, member]) =>
      needsWidth({ value: member, path: join(path, key), schema: memberOf(schema, key), reading })
    ));
}

/** Any value of a result. `name` is its field's. */
export function JsonValue({ value, path, schema, reading, name }: Place & { name: string }) {
  const place = { path, schema, reading, name };
  if (Array.isArray(value)) return <List value={value} {...place} />;
  if (!isObject(value)) return <Scalar value={value} {...place} />;
  if (Object.keys(value).length === 0) return <span class="text-soft">empty</span>;
  if (reading.basisIndex.depthBelow(path) > 0) return <Fields value={value} {...place} />;
  return (
    <dl class="sub">
      {orderedEntries(value, schema).map(([key, member]) => {
        const here = join(path, key);
        const own = memberOf(schema, key);
        return (
          <div key={key} id={reading.misfits.has(here) ? fieldId(here) : undefined}>
            <dt title={describedAs(own, reading)}>{labelOf(key, member, own)}</dt>
            <dd>
              <JsonValue value={member} path={here} schema={own} reading={reading} name={key} />
              <Misfits path={here} reading={reading} />
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function List({ value: items, path, schema, reading, name }: Place<unknown[]> & { name: string }) {
  if (items.length === 0) return <span class="text-soft">none</span>;
  const item = itemOf(schema);
  const depth = reading.basisIndex.depthBelow(path);
  // A basis deeper than a cell can show needs a list.
  const columns = depth <= 2 ? tableColumns(items, fieldNames(item)) : null;
  if (columns !== null) {
    return <Table value={items} columns={columns} path={path} schema={item} reading={reading} />;
  }
  if (depth === 0 && items.every(isScalar) && !items.every(isWord)) {
    return (
      <ul class="points">
        {items.map((each, at) => (
          <li key={at}>
            <Scalar value={each} path={path} schema={item} reading={reading} name={name} />
          </li>
        ))}
      </ul>
    );
  }
  if (depth === 0 && items.every(isWord)) {
    return (
      <ul class="words" dir="auto">
        {items.map((word, at) => <li key={at}>{shownLine(showValue(word, item, name))}</li>)}
      </ul>
    );
  }
  return (
    <ol class="items">
      {items.map((value, index) => {
        const here = join(path, String(index));
        const place = { value, path: here, schema: item, reading, name };
        return <Item key={index} {...place} basis={reading.basisIndex.byPath.get(here)} />;
      })}
    </ol>
  );
}

/** One item of a list: a record under its name, or any other value, with its evidence. */
function Item(
  { basis, ...place }: Place & { name: string; basis: FieldBasis | undefined },
) {
  const { value, path, schema, reading } = place;
  const title = isObject(value) ? titleOf(value, schema) : null;
  const rest = isObject(value) && title !== null
    ? inOrder(Object.entries(value).filter(([key]) => key !== title))
    : value;
  const evidence = basis && <Evidence {...place} basis={basis} as="div" />;
  return (
    <li class={isObject(value) ? "item wide-field" : "item"} id={fieldId(path)}>
      {isObject(value) && title !== null && (
        <b class="item-title" dir="auto">{String(value[title])}</b>
      )}
      {isObject(value) && evidence}
      <div class="value">
        <JsonValue {...place} value={rest} />
        <Misfits path={path} reading={reading} />
      </div>
      {!isObject(value) && evidence}
    </li>
  );

  /** The member that names a record: a short text that has no evidence and no misfit of its own. */
  function titleOf(record: JsonObject, schema: Schema | null): string | null {
    const [first] = orderedEntries(record, schema).filter(([key, member]) =>
      typeof member === "string" && isWord(member) && isPlain(join(path, key))
    );
    return first === undefined ? null : first[0];
  }

  function isPlain(path: string): boolean {
    return !reading.basisIndex.byPath.has(path) && !reading.misfits.has(path);
  }
}

function isScalar(value: unknown): boolean {
  return !Array.isArray(value) && !isObject(value);
}
