/**
 * A JSON result for reading: named fields, lists and tables in schema order, each field with its basis
 * beside it.
 */
import { isObject, type JsonObject } from "../../lib/base/mod.ts";
import {
  fieldNames,
  isWord,
  itemOf,
  memberOf,
  orderedEntries,
  tableColumns,
} from "../../lib/results/mod.ts";
import { describedAs, fieldId } from "./reading.ts";
import { join, label, Misfits, Note, type Place, Scalar } from "./Scalar.tsx";
import { Table } from "./Table.tsx";

/** Any value of a result. */
export function JsonValue({ value, path, schema, reading }: Place) {
  if (Array.isArray(value)) {
    return <List value={value} path={path} schema={schema} reading={reading} />;
  }
  if (isObject(value)) {
    return <Fields value={value} path={path} schema={schema} reading={reading} />;
  }
  return <Scalar value={value} path={path} reading={reading} />;
}

function Fields({ value: record, path, schema, reading }: Place<JsonObject>) {
  const entries = orderedEntries(record, schema);
  if (entries.length === 0) return <span class="text-soft">empty</span>;
  return (
    <dl class="fields">
      {entries.map(([key, value]) => {
        const here = join(path, key);
        const member = memberOf(schema, key);
        return (
          <div key={key} class="field" id={fieldId(here)}>
            <dt title={describedAs(member, reading)}>{label(key)}</dt>
            <dd class="value">
              <JsonValue value={value} path={here} schema={member} reading={reading} />
              <Misfits path={here} reading={reading} />
            </dd>
            <Note path={here} reading={reading} as="dd" />
          </div>
        );
      })}
    </dl>
  );
}

function List({ value: items, path, schema, reading }: Place<unknown[]>) {
  if (items.length === 0) return <span class="text-soft">none</span>;
  const item = itemOf(schema);
  const depth = reading.grounds.depthBelow(path);
  // A basis deeper than a cell can show needs a list.
  const columns = depth <= 2 ? tableColumns(items, fieldNames(item)) : null;
  if (columns !== null) {
    return <Table value={items} columns={columns} path={path} schema={item} reading={reading} />;
  }
  if (depth === 0 && items.every(isWord)) {
    return (
      <ul class="words" dir="auto">{items.map((word, at) => <li key={at}>{String(word)}</li>)}</ul>
    );
  }
  return (
    <ol class="items">
      {items.map((value, index) => {
        const here = join(path, String(index));
        return (
          <li key={index} id={fieldId(here)}>
            <div class="value">
              <JsonValue value={value} path={here} schema={item} reading={reading} />
              <Misfits path={here} reading={reading} />
            </div>
            <Note path={here} reading={reading} as="div" />
          </li>
        );
      })}
    </ol>
  );
}
