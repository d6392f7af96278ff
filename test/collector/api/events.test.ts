import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../../../shared/clock.ts";
import { createApiClient } from "../../support/api-client.ts";
import { startTestSite, type TestSite } from "../../support/start-site.ts";

let site: TestSite;

beforeAll(async () => {
  site = await startTestSite({ count: 20 });
});
afterAll(() => site.stop());

const listen = async (token: string) => {
  const stop = new AbortController();
  const response = await fetch(`${site.url}/api/v1/events`, {
    headers: { authorization: `Bearer ${token}` },
    signal: stop.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  /** Reads until the stream holds the pattern, or has ended. */
  const until = async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(text)) {
      const chunk = await reader?.read();
      if (!chunk || chunk.done) return `${text}<end>`;
      text += chunk.value;
    }
    return text;
  };
  return { response, until, stop: () => stop.abort() };
};

describe("live events", () => {
  it("tell what is new as it happens, by kind and as JSON", async () => {
    const stream = await listen(await site.token("viewer"));
    expect(stream.response.headers.get("content-type")).toBe("text/event-stream");
    await stream.until(/hello/);
    const call = createApiClient(site.url, site.apiToken);
    await call("POST", `/incidents/${site.site.incidents[1]}/comments`, { body: { text: "news" } });
    const heard = await stream.until(/event: ticket\ndata: .*\n\n/);
    const data = /event: ticket\ndata: (.*)\n\n/.exec(heard)?.[1] ?? "null";
    expect(JSON.parse(data)).toEqual({ kind: "ticket", number: 2 });
    stream.stop();
  });

  it("are for those who may read only", async () => {
    const response = await fetch(`${site.url}/api/v1/events`);
    expect(response.status).toBe(401);
    await response.body?.cancel();
  });

  it("end for whose token was revoked, within the time of the next check", async () => {
    // The check of once a minute, brought near.
    const clock: Clock = {
      ...systemClock,
      after: (ms, run, options) => systemClock.after(Math.min(ms, 40), run, options),
    };
    const other = await startTestSite({ count: 20, clock });
    const call = createApiClient(other.url, other.apiToken);
    const made = await call("POST", "/tokens", { body: { kind: "api", name: "wall screen", role: "viewer" } });
    const { tokenId, secret } = made.body as { tokenId: string; secret: string };
    const response = await fetch(`${other.url}/api/v1/events`, { headers: { authorization: `Bearer ${secret}` } });
    await call("DELETE", `/tokens/${tokenId}`);
    expect(await response.text()).toContain(": hello");
    await other.stop();
  });

  it("end when the collector stops, and hold it up for nobody", async () => {
    const other = await startTestSite({ count: 20 });
    const response = await fetch(`${other.url}/api/v1/events`, {
      headers: { authorization: `Bearer ${other.apiToken}` },
    });
    await other.stop();
    expect(await response.text().catch(() => "cut")).toMatch(/hello|cut/);
    await expect(fetch(`${other.url}/api/v1/health`)).rejects.toThrow();
  });
});
