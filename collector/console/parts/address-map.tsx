import { Link } from "@tanstack/react-router";
import type { AddressUse } from "../../../shared/model/place.ts";
import { presenceWords } from "./words.ts";

const numberOf = (address: string): number => address.split(".").reduce((n, part) => n * 256 + Number(part), 0);
const textOf = (n: number): string => [24, 16, 8, 0].map((shift) => Math.floor(n / 2 ** shift) % 256).join(".");

/** Networks up to this size are drawn, one square an address. */
const LARGEST = 1_024;

export const canDraw = (cidr: string): boolean =>
  !cidr.includes(":") && 2 ** (32 - Number(cidr.split("/")[1])) <= LARGEST;

/**
 * A network as a field of squares, an address each: free, or coloured as the presence of who has it. For the eye only; the table
 * below says the same to everybody.
 */
export const AddressMap = ({ cidr, uses }: { readonly cidr: string; readonly uses: readonly AddressUse[] }) => {
  const [base = "", length] = cidr.split("/");
  const first = numberOf(base);
  const size = 2 ** (32 - Number(length));
  const holders = new Map(uses.filter(({ ended }) => !ended).map((use) => [numberOf(use.address), use]));
  return (
    <div className="address-map" aria-hidden="true">
      {Array.from({ length: size }, (_, i) => {
        const use = holders.get(first + i);
        const address = textOf(first + i);
        return use === undefined ? (
          <span key={address} className="cell" title={address} />
        ) : (
          <Link
            key={address}
            className={`cell presence-${use.asset.presence}`}
            title={`${address} · ${use.asset.name} · ${presenceWords[use.asset.presence].label}`}
            to="/assets/$assetId"
            params={{ assetId: use.asset.assetId }}
            tabIndex={-1}
          />
        );
      })}
    </div>
  );
};
