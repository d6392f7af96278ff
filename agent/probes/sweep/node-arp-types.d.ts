/** node-arp brings no types. The callback's first argument is true for a failure, the second then a text or an exit code. */
declare module "node-arp" {
  const library: {
    readonly getMAC: (address: string, callback: (error: unknown, answer: unknown) => void) => void;
  };
  export default library;
}
