import {
  IconAccessPoint,
  IconBattery4,
  IconBox,
  IconCamera,
  IconCpu,
  IconDatabase,
  IconDeviceDesktop,
  IconDeviceLaptop,
  IconDeviceMobile,
  IconDeviceTv,
  IconHelpCircle,
  IconPhone,
  IconPlug,
  IconPrinter,
  IconRouter,
  IconServer,
  IconServer2,
  IconShieldLock,
  IconSitemap,
  IconTemperature,
  IconWall,
} from "@tabler/icons-react";
import type { DeviceType } from "../../../shared/protocol/device-types.ts";
import { typeLabel } from "./words.ts";

const icons: Partial<Record<DeviceType, typeof IconServer>> = {
  server: IconServer,
  desktop: IconDeviceDesktop,
  laptop: IconDeviceLaptop,
  "virtual-machine": IconServer2,
  container: IconBox,
  hypervisor: IconServer,
  switch: IconSitemap,
  router: IconRouter,
  firewall: IconWall,
  "access-point": IconAccessPoint,
  "wireless-controller": IconAccessPoint,
  printer: IconPrinter,
  ups: IconBattery4,
  pdu: IconPlug,
  storage: IconDatabase,
  camera: IconCamera,
  phone: IconPhone,
  mobile: IconDeviceMobile,
  sensor: IconTemperature,
  modem: IconRouter,
  media: IconDeviceTv,
  "management-controller": IconShieldLock,
  iot: IconCpu,
};

export const DeviceIcon = ({ type, size = 18 }: { readonly type: DeviceType; readonly size?: number }) => {
  const Icon = icons[type] ?? IconHelpCircle;
  return (
    <span className="device-icon" title={typeLabel(type)}>
      <Icon size={size} stroke={1.6} aria-hidden="true" />
    </span>
  );
};
