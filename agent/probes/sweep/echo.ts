import { type IpAddress, parseIp } from "../../../shared/ip.ts";

/** Who answered an echo, as the system's programs tell it. */
export type Echo = { readonly address: IpAddress; readonly latencyMs: number };

/** "10.0.0.5 (0.074 ms)" of `fping -a -e`; undefined for anything else. */
export const decodeFpingLine = (text: string): Echo | undefined => {
  const match = /^([\da-f.:]+) \(([\d.]+) ms\)$/i.exec(text.trim());
  const address = parseIp(match?.[1] ?? "");
  return address === undefined ? undefined : { address, latencyMs: Number(match?.[2]) };
};

/** "64 bytes from 10.0.0.5: icmp_seq=1 ttl=64 time=0.074 ms" of ping. */
export const decodePingLine = (text: string): Echo | undefined => {
  const match = /bytes from ([\da-f.:]+)(?:%\S+)?: icmp_seq=\d+ (?:ttl|hlim)=\d+ time=([\d.]+) ms/i.exec(text);
  const address = parseIp(match?.[1] ?? "");
  return address === undefined ? undefined : { address, latencyMs: Number(match?.[2]) };
};
