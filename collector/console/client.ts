import type { Problem } from "../../shared/model/problem.ts";

/** What the API refused, as it said it. `status` 0: no answer at all. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.problem = problem;
  }
}

type Params = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Empty values are left out; lists repeat their name. */
export const toQuery = (params: Params): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined || value === "" || value === false) continue;
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
};

const unreachable: Problem = {
  type: "about:blank",
  title: "The collector does not answer",
  status: 0,
  code: "network.unreachable",
  remedy: "Check that the collector runs and that this computer reaches it. The page tries again by itself.",
};

/**
 * Characters that show nothing and change how what stands around them is shown: control characters but tab and line ends,
 * and those that turn the direction of writing ("gnp.exe" shown as "exe.png"). A device's name is whatever it says; here
 * such a character becomes one that can be seen.
 */
const deceiving = /(?![\t\n\r])[\p{Cc}\p{Bidi_Control}]/gu;
/** The same before parsing, where JSON writes control characters as \u00xx: most answers have none and are spared the rest. */
const mayDeceive = /\\u00[01]|(?![\t\n\r])[\p{Cc}\p{Bidi_Control}]/u;

export const parseAnswer = (text: string): unknown =>
  JSON.parse(
    text,
    mayDeceive.test(text)
      ? (_, value: unknown) => (typeof value === "string" ? value.replace(deceiving, "\u2426") : value)
      : undefined,
  );

const readProblem = async (response: Response): Promise<Problem> => {
  const fallback = {
    type: "about:blank",
    title: response.statusText || "Error",
    status: response.status,
    code: "http",
  };
  try {
    return { ...fallback, ...(parseAnswer(await response.text()) as Partial<Problem>) };
  } catch {
    return fallback;
  }
};

/** One for the page: the collector's API on the same origin, the session in its cookie, the CSRF token in memory only. */
export const createClient = () => {
  let csrf = "";

  const request = async <T>(method: string, path: string, init: RequestInit = {}): Promise<T> => {
    let response: Response;
    try {
      response = await fetch(`/api/v1${path}`, { method, credentials: "same-origin", ...init });
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new ApiError(unreachable);
    }
    if (!response.ok) throw new ApiError(await readProblem(response));
    return (response.status === 204 ? undefined : parseAnswer(await response.text())) as T;
  };

  return {
    setCsrf: (token: string | undefined) => {
      csrf = token ?? "";
    },
    get: <T>(path: string, params: Params = {}, signal?: AbortSignal) =>
      request<T>("GET", path + toQuery(params), signal ? { signal } : {}),
    /** @param version what the writer saw; the API answers 412 if somebody was faster. */
    write: <T>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown, version?: number) =>
      request<T>(method, path, {
        headers: {
          "x-csrf-token": csrf,
          ...(body !== undefined && { "content-type": "application/json" }),
          ...(version !== undefined && { "if-match": `"${version}"` }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
  };
};

export const client = createClient();
