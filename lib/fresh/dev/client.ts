/**
 * The script of development pages, as text: it must run even if the build fails. It creates elements
 * through the DOM, which Trusted Types allow.
 */
export const CLIENT = `// Development only: reloads the page after a build and shows errors.
const url = new URL("alive", document.currentScript.src);
url.protocol = url.protocol.replace("http", "ws");
const own = new URL(document.currentScript.src).search.slice(1);
let wait = 100, stopped = null;
function connect() {
  const socket = new WebSocket(url);
  socket.onmessage = ({ data }) => {
    wait = 100;
    const [revision, now] = data.split(" ");
    if (revision === own) return;
    // Wait: if the process is about to restart, the reload would fail.
    const reload = () => socket.readyState === WebSocket.OPEN && location.reload();
    setTimeout(reload, now ? 0 : 300);
  };
  socket.onclose = () => {
    // A module that cannot be parsed stops the process until the next edit.
    if (wait === 2000) {
      stopped ??= show(["h1", "The development server does not respond"], [
        "p",
        "Its terminal shows the reason. This page reloads when the server is back.",
      ]);
    }
    setTimeout(connect, wait);
    wait = Math.min(wait * 2, 2000);
  };
}

function show(...parts) {
  const box = document.createElement("dialog");
  box.id = "fresh-error-overlay";
  const add = ([name, text]) => {
    const element = document.createElement(name);
    element.textContent = text;
    // Set every colour, so that the app's stylesheet does not change the contrast.
    Object.assign(element.style, {
      whiteSpace: "pre-wrap",
      overflow: "auto",
      color: "#eee",
      background: "#222",
    });
    box.append(element);
    return element;
  };
  parts.forEach(add);
  add(["button", "Close"]).onclick = () => box.close();
  Object.assign(box.style, { maxWidth: "60rem", color: "#eee", background: "#222" });
  document.body.append(box);
  box.showModal();
  return box;
}

const error = document.getElementById("__FRSH_ERROR");
if (error) {
  const { title, frame, stack } = JSON.parse(error.textContent);
  show(["h1", title], ...(frame ? [["pre", frame]] : []), ["pre", stack]);
}
connect();
`;
