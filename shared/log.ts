/** The logger every part is handed, already bound to its component. Messages are constant lower-case text, data goes in fields. */
export type Log = {
  readonly error: (message: string, fields?: Record<string, unknown>) => void;
  readonly warn: (message: string, fields?: Record<string, unknown>) => void;
  readonly info: (message: string, fields?: Record<string, unknown>) => void;
  readonly debug: (message: string, fields?: Record<string, unknown>) => void;
  readonly child: (fields: Record<string, unknown>) => Log;
};

const nothing = (): void => {};
export const silentLog: Log = { error: nothing, warn: nothing, info: nothing, debug: nothing, child: () => silentLog };
