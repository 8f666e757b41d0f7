/**
 * The script of development pages. Text, because it is served as it is: it must run whether or not
 * the build works. It uses the DOM only, so that Trusted Types have nothing to object to.
 */
export const CLIENT = `// Development only: reloads the page after a build and shows errors.
const url = new URL("alive", document.currentScript.src);
url.protocol = url.protocol.replace("http", "ws");
const own = new URL(document.currentScript.src).search.slice(1);
let wait = 100;
function connect() {
  const socket = new WebSocket(url);
  socket.onmessage = ({ data }) => {
    wait = 100;
    if (data === own) return;
    // A process that is about to be restarted would leave the page with nobody to load it from.
    setTimeout(() => socket.readyState === WebSocket.OPEN && location.reload(), 300);
  };
  socket.onclose = () => {
    setTimeout(connect, wait);
    wait = Math.min(wait * 2, 2000);
  };
}
connect();

const error = document.getElementById("__FRSH_ERROR");
if (error) {
  const { title, frame, stack } = JSON.parse(error.textContent);
  const box = document.createElement("dialog");
  box.id = "fresh-error-overlay";
  const add = (name, text) => {
    const element = document.createElement(name);
    element.textContent = text;
    // Every colour said: the app's own stylesheet would mix its own in.
    Object.assign(element.style, {
      whiteSpace: "pre-wrap",
      overflow: "auto",
      color: "#eee",
      background: "#222",
    });
    box.append(element);
    return element;
  };
  add("h1", title);
  if (frame) add("pre", frame);
  add("pre", stack);
  add("button", "Close").onclick = () => box.close();
  Object.assign(box.style, { maxWidth: "60rem", color: "#eee", background: "#222" });
  document.body.append(box);
  box.showModal();
}
`;
