import type { ReactNode } from "react";
import { type Column, DataTable } from "./data-table.tsx";
import { Failed, Loading } from "./states.tsx";

type Asked = { readonly error: Error | null; readonly data: unknown; readonly refetch: () => unknown };
type Paged = {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => unknown;
};

/** A table of what was asked for, page by page or at once: says that it failed, that it is under way, or that there is nothing. */
export const Listing = <T extends object>({
  query,
  rows,
  empty,
  loadingRows = 10,
  ...table
}: {
  readonly query: Asked & Partial<Paged>;
  readonly rows: readonly T[];
  readonly empty: ReactNode;
  readonly loadingRows?: number;
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rowKey: (row: T) => string;
  readonly rowHeight?: number;
  readonly total?: number | undefined;
}) => {
  const { error, data, hasNextPage = false, isFetchingNextPage = false, fetchNextPage } = query;
  if (error && rows.length === 0) return <Failed error={error} retry={() => void query.refetch()} />;
  if (data === undefined) return <Loading rows={loadingRows} />;
  if (rows.length === 0) return <>{empty}</>;
  return (
    <DataTable
      {...table}
      rows={rows}
      onEnd={hasNextPage && !isFetchingNextPage ? () => void fetchNextPage?.() : undefined}
    />
  );
};
