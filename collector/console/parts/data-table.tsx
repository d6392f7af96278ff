import {
  createColumnHelper,
  rowSortingFeature,
  type SortingState,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";

export type Column<T> = {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: T) => ReactNode;
  readonly width?: string;
  /** Shown from this width of the window on; without it always. */
  readonly from?: "sm" | "md" | "lg" | "xl";
  readonly align?: "end";
  readonly sortable?: boolean;
};

export type Sort = { readonly id: string; readonly desc: boolean };

type DataTableProps<T> = {
  readonly label: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly rowKey: (row: T) => string;
  readonly rowHeight?: number;
  /** Rows in all, where the API knows: read out to those who can't see the scroll bar. */
  readonly total?: number | undefined;
  readonly sort?: Sort | undefined;
  readonly onSort?: (sort: Sort) => void;
  /** Called as the end comes near, to fetch the next page. */
  readonly onEnd?: (() => void) | undefined;
  readonly isSelected?: (row: T) => boolean;
};

const features = tableFeatures({ rowSortingFeature });
const helper = createColumnHelper<typeof features, object>();

const moves: Readonly<Record<string, number>> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: 10, PageUp: -10 };

/** Up and down go from one row's link to the next, as in a list; Enter follows the link, as links do. */
const moveFocus = (event: KeyboardEvent<HTMLTableSectionElement>): void => {
  const step = moves[event.key];
  const here = (event.target as HTMLElement).closest("tr[data-index]");
  if (step === undefined || here === null || event.ctrlKey || event.metaKey || event.altKey) return;
  const at = Number(here.getAttribute("data-index"));
  for (let to = at + step; to !== at; to -= Math.sign(step)) {
    const link = event.currentTarget.querySelector<HTMLElement>(`tr[data-index="${to}"] a`);
    if (!link) continue;
    event.preventDefault();
    link.focus();
    link.scrollIntoView({ block: "nearest" });
    return;
  }
};

/** The distance of the table's body from the top of the document, which the virtualiser must leave out: it moves as panels above it fill. */
const useOffset = (element: HTMLElement | null): number => {
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => {
    if (!element) return;
    const measure = () => setOffset(Math.round(element.getBoundingClientRect().top + window.scrollY));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [element]);
  return offset;
};

const SortButton = ({ name, sorted, toggle }: { name: string; sorted: false | "asc" | "desc"; toggle: () => void }) => (
  <button type="button" className="sort" onClick={toggle}>
    {name}
    <span aria-hidden="true">{sorted === "asc" ? " ↑" : sorted === "desc" ? " ↓" : ""}</span>
  </button>
);

/** A real table of any length: only the rows in sight are in the document, the page itself scrolls. */
export const DataTable = <T extends object>(props: DataTableProps<T>) => {
  const { rows, columns, rowHeight = 52, sort, onSort, onEnd } = props;
  const canSort = onSort !== undefined;
  const [body, setBody] = useState<HTMLTableSectionElement | null>(null);
  const defs = useMemo(
    () =>
      helper.columns(
        columns.map(({ id, header, sortable = false }) =>
          helper.accessor(() => id, { id, header, enableSorting: sortable && canSort }),
        ),
      ),
    [columns, canSort],
  );
  const sorting: SortingState = sort ? [{ ...sort }] : [];
  const table = useTable({
    features,
    columns: defs,
    data: rows as readonly object[] as object[],
    state: { sorting },
    manualSorting: true,
    getRowId: (row) => props.rowKey(row as T),
  });
  const offset = useOffset(body);
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: offset,
  });
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  const ended = useRef(onEnd);
  ended.current = onEnd;
  useEffect(() => {
    if (last >= rows.length - 30) ended.current?.();
  }, [last, rows.length]);

  const before = (items[0]?.start ?? offset) - offset;
  const after = virtualizer.getTotalSize() - ((items.at(-1)?.end ?? offset) - offset);
  const classOf = ({ from, align }: Column<T>) =>
    [from && `from-${from}`, align && `align-${align}`].filter(Boolean).join(" ");
  const models = table.getRowModel().rows;

  return (
    <table className="data" aria-label={props.label} aria-rowcount={(props.total ?? rows.length) + 1}>
      <colgroup>
        {columns.map((column) => (
          <col key={column.id} className={classOf(column)} style={{ width: column.width }} />
        ))}
      </colgroup>
      <thead>
        {table.getHeaderGroups().map((group) => (
          <tr key={group.id} aria-rowindex={1}>
            {group.headers.map((header, i) => {
              const column = columns[i]!;
              const sorted = sort?.id === column.id ? (sort.desc ? "desc" : "asc") : false;
              const order = sorted === "asc" ? "ascending" : sorted === "desc" ? "descending" : undefined;
              return (
                <th key={header.id} scope="col" className={classOf(column)} aria-sort={order}>
                  {header.column.getCanSort() ? (
                    <SortButton
                      name={column.header}
                      sorted={sorted}
                      toggle={() => onSort?.({ id: column.id, desc: sorted === "asc" })}
                    />
                  ) : (
                    column.header
                  )}
                </th>
              );
            })}
          </tr>
        ))}
      </thead>
      <tbody ref={setBody} onKeyDown={moveFocus}>
        {before > 0 && <Spacer height={before} />}
        {items.map((item) => {
          const row = rows[item.index]!;
          return (
            <tr
              key={models[item.index]?.id ?? item.index}
              data-index={item.index}
              aria-rowindex={item.index + 2}
              aria-current={props.isSelected?.(row) ? "true" : undefined}
              style={{ height: rowHeight }}
            >
              {columns.map((column) => (
                <td key={column.id} className={classOf(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          );
        })}
        {after > 0 && <Spacer height={after} />}
      </tbody>
    </table>
  );
};

/** Stands for the rows out of sight. One cell: a colspan would bring hidden columns back into a fixed layout. */
const Spacer = ({ height }: { readonly height: number }) => (
  <tr className="spacer">
    <td style={{ height }} />
  </tr>
);
