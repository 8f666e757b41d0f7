/** The grammar of the event stream as a table: one row, one rule of the standard. */
export interface GrammarRow {
  rule: string;
  /** A string is sent as UTF-8 (and as a string); bytes are sent as they are. */
  input: string | Uint8Array;
  /** `[data]`, `[data, event]`, `[data, event, id]`, `[data, event, id, retry]`. */
  events: readonly Row[];
  comments?: readonly string[];
  retries?: readonly number[];
  ignored?: readonly string[];
  /** What else comes out when the end of the stream flushes. */
  flushed?: readonly Row[];
  /** The last event id after the stream; default: the last row's. */
  lastEventId?: string;
}
export type Row =
  | readonly [data: string]
  | readonly [data: string, event: string]
  | readonly [data: string, event: string, id: string]
  | readonly [data: string, event: string, id: string, retry: number];

const bytes = (...parts: (string | number[])[]) =>
  new Uint8Array(
    parts.flatMap((part) =>
      typeof part === "string" ? Array.from(new TextEncoder().encode(part)) : part
    ),
  );

export const GRAMMAR: readonly GrammarRow[] = [
  // Line ends
  { rule: "LF ends a line", input: "data: a\n\n", events: [["a"]] },
  { rule: "CR ends a line", input: "data: a\r\r", events: [["a"]] },
  { rule: "CRLF ends a line, once", input: "data: a\r\n\r\n", events: [["a"]] },
  { rule: "LF then CR is two line ends", input: "data: a\n\r", events: [["a"]] },
  { rule: "CR then CRLF is two line ends", input: "data: a\r\r\n", events: [["a"]] },
  { rule: "CRLF then CR is two line ends", input: "data: a\r\n\r", events: [["a"]] },
  {
    rule: "the three line ends may be mixed within an event",
    input: "data: a\rdata: b\ndata: c\r\ndata: d\n\r",
    events: [["a\nb\nc\nd"]],
  },
  {
    rule: "LF CR LF is an empty line and not two",
    input: "data: a\n\r\ndata: b\n\n",
    events: [["a"], ["b"]],
  },
  {
    rule: "other vertical space is data and ends no line",
    input: "data: a\u000bb\u000cc\u0085d\u2028e\u2029f\n\n",
    events: [["a\u000bb\u000cc\u0085d\u2028e\u2029f"]],
  },
  {
    rule: "a stream may begin with line ends",
    input: "\n\r\n\rdata: a\n\n",
    events: [["a"]],
  },
  {
    rule: "empty lines between events dispatch nothing",
    input: "data: a\n\n\n\n\ndata: b\n\n\n",
    events: [["a"], ["b"]],
  },
  { rule: "an empty stream has no events", input: "", events: [] },
  { rule: "a stream of one line end has no events", input: "\n", events: [] },

  // The BOM
  { rule: "a leading BOM is stripped", input: "\uFEFFdata: a\n\n", events: [["a"]] },
  {
    rule: "exactly one BOM is stripped, the second belongs to the field name",
    input: "\uFEFF\uFEFFdata: a\n\ndata: b\n\n",
    events: [["b"]],
    ignored: ["\uFEFFdata: a"],
  },
  {
    rule: "a BOM later on is a character like any other",
    input: "data: \uFEFFa\n\n\uFEFFdata: b\n\n",
    events: [["\uFEFFa"]],
    ignored: ["\uFEFFdata: b"],
  },
  { rule: "a BOM alone is nothing", input: "\uFEFF", events: [] },
  {
    rule: "the beginning of a BOM that is none is replaced",
    input: bytes([0xEF, 0xBB], "data: a\n\ndata: b\n\n"),
    events: [["b"]],
    ignored: ["\uFFFDdata: a"],
  },
  {
    rule: "a BOM before a comment",
    input: "\uFEFF: hi\ndata: a\n\n",
    events: [["a"]],
    comments: ["hi"],
  },
  { rule: "a BOM before a line end", input: "\uFEFF\r\ndata: a\n\n", events: [["a"]] },

  // UTF-8
  {
    rule: "characters of two, three and four bytes",
    input: "data: é€😀\n\n",
    events: [["é€😀"]],
  },
  {
    rule: "an invalid byte is replaced",
    input: bytes("data: a", [0xFF], "b\n\n"),
    events: [["a\uFFFDb"]],
  },
  {
    rule: "a truncated character before a line end is replaced and the line end counts",
    input: bytes("data: a", [0xE2, 0x82], "\n\n"),
    events: [["a\uFFFD"]],
  },
  {
    rule: "a truncated character before CRLF is replaced and the line end counts",
    input: bytes("data: a", [0xF0, 0x9F, 0x98], "\r\n\r\n"),
    events: [["a\uFFFD"]],
  },
  {
    rule: "an overlong form is replaced byte by byte",
    input: bytes("data: ", [0xC0, 0x8A], "\n\n"),
    events: [["\uFFFD\uFFFD"]],
  },
  {
    rule: "a surrogate in UTF-8 is replaced byte by byte",
    input: bytes("data: ", [0xED, 0xA0, 0x80], "\n\n"),
    events: [["\uFFFD\uFFFD\uFFFD"]],
  },
  {
    rule: "a lone continuation byte is replaced",
    input: bytes("data: ", [0x80], "\n\n"),
    events: [["\uFFFD"]],
  },
  {
    rule: "types and ids are UTF-8 too",
    input: "event: événement\nid: №7\ndata: x\n\n",
    events: [["x", "événement", "№7"]],
  },
  {
    rule: "a truncated character in a field name makes it another field",
    input: bytes("dat", [0xC3], ": x\n\n"),
    events: [],
    ignored: ["dat\uFFFD: x"],
  },

  // Comments
  {
    rule: "a line that begins with a colon is a comment",
    input: ": hello\n\n",
    events: [],
    comments: ["hello"],
  },
  {
    rule: "a comment loses one leading space at most",
    input: ":a\n:  b\n:\n: \n",
    events: [],
    comments: ["a", " b", "", ""],
  },
  {
    rule: "a comment within an event leaves it whole",
    input: "data: a\n: between\ndata: b\n\n",
    events: [["a\nb"]],
    comments: ["between"],
  },
  {
    rule: "a comment may look like a field",
    input: ":data: a\n\n",
    events: [],
    comments: ["data: a"],
  },
  {
    rule: "a comment may be UTF-8 and colons",
    input: ": é : :\n",
    events: [],
    comments: ["é : :"],
  },

  // Fields
  { rule: "one leading space of a value is removed", input: "data:  a\n\n", events: [[" a"]] },
  { rule: "a value needs no leading space", input: "data:a\n\n", events: [["a"]] },
  { rule: "a tab is no space", input: "data:\ta\n\n", events: [["\ta"]] },
  { rule: "a no-break space is no space", input: "data:\u00A0a\n\n", events: [["\u00A0a"]] },
  { rule: "space at a value's end stays", input: "data: a \n\n", events: [["a "]] },
  {
    rule: "only the first colon parts name and value",
    input: "data: a:b: c\n\n",
    events: [["a:b: c"]],
  },
  { rule: "a value may be a colon", input: "data::\n\n", events: [[":"]] },
  {
    rule: "names are exact: no leading space",
    input: " data: a\n\ndata: b\n\n",
    events: [["b"]],
    ignored: [" data: a"],
  },
  {
    rule: "names are exact: no space before the colon",
    input: "data : a\n\ndata: b\n\n",
    events: [["b"]],
    ignored: ["data : a"],
  },
  {
    rule: "names are case-sensitive",
    input: "Data: a\nDATA: a\nEvent: e\nID: 1\nRetry: 5\n\ndata: b\n\n",
    events: [["b"]],
    ignored: ["Data: a", "DATA: a", "Event: e", "ID: 1", "Retry: 5"],
  },
  {
    rule: "unknown fields are ignored",
    input: "foo: bar\nfoo\ndata: a\n\n",
    events: [["a"]],
    ignored: ["foo: bar", "foo"],
  },
  {
    rule: "a name that begins like a known one is unknown",
    input: "dataa: x\ndat: x\nevents: x\nide: x\ni: x\nretryy: 1\nd\ne\ndata: a\n\n",
    events: [["a"]],
    ignored: ["dataa: x", "dat: x", "events: x", "ide: x", "i: x", "retryy: 1", "d", "e"],
  },
  {
    rule: "a NUL in a name makes it unknown",
    input: "da\0ta: x\ndata\0: x\n\ndata: a\n\n",
    events: [["a"]],
    ignored: ["da\0ta: x", "data\0: x"],
  },
  {
    rule: "names that live on Object.prototype are unknown fields",
    input: "constructor: x\n__proto__: x\ntoString\ndata: a\n\n",
    events: [["a"]],
    ignored: ["constructor: x", "__proto__: x", "toString"],
  },

  // data
  {
    rule: "data lines are joined with LF",
    input: "data: a\ndata: b\ndata: c\n\n",
    events: [["a\nb\nc"]],
  },
  { rule: "data without a colon is an empty line", input: "data\n\n", events: [[""]] },
  {
    rule: "data with nothing after the colon is an empty line",
    input: "data:\n\n",
    events: [[""]],
  },
  { rule: "data with only its space is an empty line", input: "data: \n\n", events: [[""]] },
  { rule: "two empty data lines are one LF", input: "data\ndata\n\n", events: [["\n"]] },
  {
    rule: "empty lines at either end stay",
    input: "data:\ndata: a\ndata\n\n",
    events: [["\na\n"]],
  },
  { rule: "NUL is data", input: "data: a\0b\n\n", events: [["a\0b"]] },
  {
    rule: "data parted by other fields is still one",
    input: "data: a\nevent: e\ndata: b\nid: 1\ndata: c\n\n",
    events: [["a\nb\nc", "e", "1"]],
  },
  {
    rule: "data does not leak into the next event",
    input: "data: a\n\ndata: b\n\n",
    events: [["a"], ["b"]],
  },

  // event
  {
    rule: "an event without a type is a message",
    input: "data: a\n\n",
    events: [["a", "message"]],
  },
  { rule: "event names the type", input: "event: tick\ndata: a\n\n", events: [["a", "tick"]] },
  { rule: "event may follow the data", input: "data: a\nevent: tick\n\n", events: [["a", "tick"]] },
  {
    rule: "the last event line wins",
    input: "event: a\nevent: b\ndata: x\n\n",
    events: [["x", "b"]],
  },
  {
    rule: "an empty event line resets the type",
    input: "event: a\nevent:\ndata: x\n\n",
    events: [["x"]],
  },
  {
    rule: "event without a colon resets the type",
    input: "event: a\nevent\ndata: x\n\n",
    events: [["x"]],
  },
  {
    rule: "the type does not leak into the next event",
    input: "event: a\ndata: x\n\ndata: y\n\n",
    events: [["x", "a"], ["y"]],
  },
  {
    rule: "an event without data dispatches nothing and forgets its type",
    input: "event: a\n\ndata: x\n\n",
    events: [["x"]],
  },
  {
    rule: "a type may hold spaces and colons",
    input: "event:  a: b\ndata: x\n\n",
    events: [["x", " a: b"]],
  },
  { rule: "NUL may be in a type", input: "event: a\0\ndata: x\n\n", events: [["x", "a\0"]] },

  // id
  {
    rule: "id sets the last event id",
    input: "id: 1\ndata: a\n\n",
    events: [["a", "message", "1"]],
  },
  {
    rule: "the id stays in force for later events",
    input: "id: 1\ndata: a\n\ndata: b\n\n",
    events: [["a", "message", "1"], ["b", "message", "1"]],
  },
  {
    rule: "an empty id takes it back",
    input: "id: 1\ndata: a\n\nid:\ndata: b\n\n",
    events: [["a", "message", "1"], ["b", "message", ""]],
  },
  {
    rule: "id without a colon takes it back",
    input: "id: 1\ndata: a\n\nid\ndata: b\n\n",
    events: [["a", "message", "1"], ["b", "message", ""]],
  },
  {
    rule: "an id with NUL is ignored and the one before stays",
    input: "id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n",
    events: [["a", "message", "1"], ["b", "message", "1"]],
    ignored: ["id: 2\0"],
  },
  {
    rule: "an event without data still sets the last event id",
    input: "id: 9\n\ndata: a\n\n",
    events: [["a", "message", "9"]],
  },
  {
    rule: "an id at the very end with its blank line counts",
    input: "data: a\n\nid: 9\n\n",
    events: [["a"]],
    lastEventId: "9",
  },
  {
    rule: "an id of an unfinished event does not count",
    input: "id: 1\ndata: a\n\nid: 2\ndata: b\n",
    events: [["a", "message", "1"]],
    flushed: [["b", "message", "2"]],
    lastEventId: "1",
  },
  {
    rule: "the last id line wins",
    input: "id: 1\nid: 2\ndata: a\n\n",
    events: [["a", "message", "2"]],
  },
  {
    rule: "an id may be any text",
    input: "id:  a: é\ndata: a\n\n",
    events: [["a", "message", " a: é"]],
  },

  // retry
  {
    rule: "retry is told at once",
    input: "retry: 1500\n",
    events: [],
    retries: [1500],
  },
  {
    rule: "retry is part of the event it stands in, and of no other",
    input: "retry: 5\ndata: a\n\ndata: b\n\n",
    events: [["a", "message", "", 5], ["b"]],
    retries: [5],
  },
  {
    rule: "retry may be zero",
    input: "retry: 0\ndata: a\n\n",
    events: [["a", "message", "", 0]],
    retries: [0],
  },
  {
    rule: "retry may have leading zeros",
    input: "retry: 007\ndata: a\n\n",
    events: [["a", "message", "", 7]],
    retries: [7],
  },
  {
    rule: "retry of anything but ASCII digits is ignored",
    input:
      "retry: -1\nretry: +1\nretry: 1.5\nretry: 1e3\nretry: 0x10\nretry: 1 \nretry:  1\nretry: ١\nretry: x\ndata: a\n\n",
    events: [["a"]],
    ignored: [
      "retry: -1",
      "retry: +1",
      "retry: 1.5",
      "retry: 1e3",
      "retry: 0x10",
      "retry: 1 ",
      "retry:  1",
      "retry: ١",
      "retry: x",
    ],
  },
  {
    rule: "an empty retry is ignored",
    input: "retry:\nretry\nretry: \ndata: a\n\n",
    events: [["a"]],
    ignored: ["retry:", "retry", "retry: "],
  },
  {
    rule: "the last valid retry wins",
    input: "retry: 1\nretry: 2\nretry: x\ndata: a\n\n",
    events: [["a", "message", "", 2]],
    retries: [1, 2],
    ignored: ["retry: x"],
  },
  {
    rule: "a retry in a block without data does not leak into the next event",
    input: "retry: 5\n\ndata: a\n\n",
    events: [["a"]],
    retries: [5],
  },

  // The end
  {
    rule: "an unfinished event is discarded",
    input: "data: a\n\ndata: b\n",
    events: [["a"]],
    flushed: [["b"]],
  },
  {
    rule: "an unfinished line is discarded",
    input: "data: a\n\ndata: b",
    events: [["a"]],
    flushed: [["b"]],
  },
  { rule: "an unfinished field without a colon", input: "data", events: [], flushed: [[""]] },
  {
    rule: "CR at the very end ends the line",
    input: "data: a\r",
    events: [],
    flushed: [["a"]],
  },
  {
    rule: "an unfinished comment is no event",
    input: "data: a\n\n: bye",
    events: [["a"]],
    flushed: [],
  },
  {
    rule: "a truncated character at the very end is replaced when flushed",
    input: bytes("data: a", [0xF0, 0x9F]),
    events: [],
    flushed: [["a\uFFFD"]],
  },

  // Streams as they come
  {
    rule: "the standard's first example: unnamed, one of two lines",
    input:
      "data: This is the first message.\n\ndata: This is the second message, it\ndata: has two lines.\n\ndata: This is the third message.\n\n",
    events: [
      ["This is the first message."],
      ["This is the second message, it\nhas two lines."],
      ["This is the third message."],
    ],
  },
  {
    rule: "named events, some unnamed",
    input:
      "event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\nevent: add\ndata: 113411\n\n",
    events: [["73857293", "add"], ["2153", "remove"], ["113411", "add"]],
  },
  {
    rule: "heartbeats between events",
    input: ":\n\n: ping\n\ndata: a\n\n: ping\n\n",
    events: [["a"]],
    comments: ["", "ping", "ping"],
  },
  {
    rule: "an event of the Task API",
    input:
      'event: task_run.progress_msg.plan\ndata: {"type":"task_run.progress_msg.plan","message":"a\\nb"}\n\n',
    events: [[
      '{"type":"task_run.progress_msg.plan","message":"a\\nb"}',
      "task_run.progress_msg.plan",
    ]],
  },

  // Where a short way through the parser meets a long one
  {
    rule: "data, its value and its blank line are the same with and without a type before them",
    input: "event: e\ndata: a\n\ndata: b\n\nevent: e\nid: 1\ndata: c\n\n",
    events: [["a", "e"], ["b"], ["c", "e", "1"]],
  },
  {
    rule: "data before its blank line is added to the data before it",
    input: "data: a\ndata: b\n\n",
    events: [["a\nb"]],
  },
  {
    rule: "data without a colon is added to the data before it",
    input: "data: a\ndata\n\n",
    events: [["a\n"]],
  },
  {
    rule: "a retry before data that ends its event is part of it",
    input: "retry: 7\ndata: a\n\ndata: b\n\n",
    events: [["a", "message", "", 7], ["b"]],
    retries: [7],
  },
  {
    rule: "an id after data that ends nothing is of its event",
    input: "data: a\nid: 4\n\n",
    events: [["a", "message", "4"]],
  },
  {
    rule: "five letters that begin like data are another field",
    input: "datas: a\ndat: b\ndata.: c\n\n",
    events: [],
    ignored: ["datas: a", "dat: b", "data.: c"],
  },
  {
    rule: "letters around event are another field",
    input: "events: a\neven: b\nevenX: c\nXvent: d\ndata: x\n\n",
    events: [["x"]],
    ignored: ["events: a", "even: b", "evenX: c", "Xvent: d"],
  },
  {
    rule: "letters around id and retry are other fields",
    input: "ids: a\ni: b\nretry2: 1\nretr: 2\ndata: x\n\n",
    events: [["x"]],
    ignored: ["ids: a", "i: b", "retry2: 1", "retr: 2"],
  },
  {
    rule: "letters of other scripts that look like a name's are another field",
    input: "d\u0430ta: a\nev\u0435nt: b\nd\u0101ta: c\ndata: x\n\n",
    events: [["x"]],
    ignored: ["d\u0430ta: a", "ev\u0435nt: b", "d\u0101ta: c"],
  },
  {
    rule: "characters whose low byte is a name's letter are another field",
    input: "\u0164\u0161\u0174\u0161: a\n\u0165vent: b\ndata: x\n\n",
    events: [["x"]],
    ignored: ["\u0164\u0161\u0174\u0161: a", "\u0165vent: b"],
  },
  {
    rule: "a value of only its colon and blank lines after it",
    input: "data:\n\n\n\ndata:\n\n",
    events: [[""], [""]],
  },
  {
    rule: "a space after a line end begins another line's name",
    input: "data:\n data: a\n\n",
    events: [[""]],
    ignored: [" data: a"],
  },
  {
    rule: "ASCII, then more, then ASCII again",
    input: "data: a\n\ndata: \u00e9\u65e5\u{1F600}\n\ndata: b\n\n",
    events: [["a"], ["\u00e9\u65e5\u{1F600}"], ["b"]],
  },
  {
    rule: "a lone CR between events of LF",
    input: "data: a\n\rdata: b\r\ndata: c\n\r\n",
    events: [["a"], ["b\nc"]],
  },
  {
    rule: "CRs in a row are empty lines",
    input: "data: a\r\r\r\rdata: b\r\r",
    events: [["a"], ["b"]],
  },
  {
    rule: "a comment right before a blank line dispatches what was there",
    input: "data: a\n: c\n\n: d\n\n",
    events: [["a"]],
    comments: ["c", "d"],
  },
  {
    rule: "retry beyond what a number holds exactly is the nearest number",
    input: "retry: 99999999999999999999\n\n",
    events: [],
    retries: [1e20],
  },
  {
    rule: "an id of spaces is an id",
    input: "id:   \ndata: a\n\n",
    events: [["a", "message", "  "]],
  },
  {
    rule: "a type of only its space is no type",
    input: "event: \ndata: a\n\n",
    events: [["a"]],
  },
  {
    rule: "a second BOM after an empty line is a name's character",
    input: "\uFEFF\n\uFEFFdata: a\n\n",
    events: [],
    ignored: ["\uFEFFdata: a"],
  },
];
