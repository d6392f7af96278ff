import type { LinkRow } from "../../../shared/model/place.ts";
import { Ago } from "./ago.tsx";
import type { Column } from "./data-table.tsx";
import { DeviceIcon } from "./device-icon.tsx";
import { AssetLink } from "./links.tsx";

type End = LinkRow["ends"][number];

const EndCell = ({ end }: { readonly end: End }) => (
  <div className="name-cell">
    <DeviceIcon type={end.type ?? "unknown"} />
    <div className="grow">
      {end.assetId === undefined ? (
        <span className="clip dimmed" title="Only its neighbour tells of it">
          {end.name}
        </span>
      ) : (
        <AssetLink assetId={end.assetId} className="clip">
          {end.name}
        </AssetLink>
      )}
      <div className="sub mono clip">{end.port}</div>
    </div>
  </div>
);

const CABLE = "link-cable";

/** @param near an asset: its end is shown first. */
export const linkColumns = (near?: string): readonly Column<LinkRow>[] => {
  const turned = ({ ends: [a, b] }: LinkRow): readonly [End, End] =>
    near !== undefined && b.assetId === near && a.assetId !== near ? [b, a] : [a, b];
  return [
    {
      id: "a",
      header: near === undefined ? "Device and port" : "Own port",
      cell: (link) => <EndCell end={turned(link)[0]} />,
    },
    {
      id: "cable",
      header: "Cable",
      width: "5.5rem",
      from: "sm",
      cell: (link) => (
        <span
          className={link.until === undefined ? CABLE : `${CABLE} ended`}
          title={link.both ? "Both ends say so" : "One end says so"}
        >
          <span className="sr-only">linked to</span>
          <span className={link.both ? "line both" : "line"} aria-hidden="true" />
        </span>
      ),
    },
    { id: "b", header: "Device and port", cell: (link) => <EndCell end={turned(link)[1]} /> },
    {
      id: "said",
      header: "Said by",
      width: "9rem",
      from: "md",
      cell: ({ both, protocols }) => (
        <div>
          {both ? "both ends" : "one end"}
          <div className="sub">{protocols.map((name) => name.toUpperCase()).join(", ")}</div>
        </div>
      ),
    },
    {
      id: "since",
      header: "Since",
      width: "9rem",
      from: "md",
      cell: ({ from, until }) => (
        <div>
          <Ago at={from} />
          {until !== undefined && (
            <div className="sub">
              ended <Ago at={until} />
            </div>
          )}
        </div>
      ),
    },
  ];
};

export const linkKey = ({ ends, from }: LinkRow): string =>
  `${ends.map(({ assetId, name, port }) => `${assetId ?? name} ${port}`).join(" ")} ${from}`;
