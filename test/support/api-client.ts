/** Calls of the REST API as tests make them: with a token, bodies as JSON, answers parsed. */
export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body, whatever it is; undefined where there is none. */
  readonly body: unknown;
};

export type ApiClient = (
  method: string,
  path: string,
  options?: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> },
) => Promise<Answer>;

export const createApiClient =
  (url: string, token?: string): ApiClient =>
  async (method, path, { body, headers = {} } = {}) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
  };

type PageOf<T> = { readonly items: readonly T[]; readonly next?: string };

/** Every item of a list, page by page. */
export const readAll = async <T>(call: ApiClient, path: string, limit: number): Promise<T[]> => {
  const items: T[] = [];
  for (let cursor = ""; ; ) {
    const sign = path.includes("?") ? "&" : "?";
    const { status, body } = await call("GET", `${path}${sign}limit=${limit}${cursor && `&cursor=${cursor}`}`);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
    const page = body as PageOf<T>;
    items.push(...page.items);
    if (page.next === undefined) return items;
    cursor = page.next;
  }
};
