import type { AssetDetail } from "../../../shared/model/asset-detail.ts";
import { DeviceIcon } from "./device-icon.tsx";
import { typeLabel } from "./words.ts";

/** What it is, in one line: under its name, now and as it was. */
export const AssetNote = ({ asset }: { readonly asset: Pick<AssetDetail, "type" | "manufacturer" | "model"> }) => {
  const product = [asset.manufacturer, asset.model].filter(Boolean).join(" ");
  return (
    <span className="asset-note">
      <DeviceIcon type={asset.type} /> {typeLabel(asset.type)}
      {product !== "" && ` · ${product}`}
    </span>
  );
};
