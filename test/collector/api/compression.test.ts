import { request } from "node:http";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestSite, type TestSite } from "../../support/start-site.ts";

let site: TestSite;
beforeAll(async () => {
  site = await startTestSite({ count: 40 });
});
afterAll(() => site.stop());

const get = (path: string, encodings: string) =>
  new Promise<{ readonly encoding: string | undefined; readonly vary: string | undefined; readonly body: Buffer }>(
    (resolve, reject) => {
      const headers = { authorization: `Bearer ${site.apiToken}`, "accept-encoding": encodings };
      request(`${site.url}/api/v1${path}`, { headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const { "content-encoding": encoding, vary } = response.headers;
          resolve({ encoding, vary, body: Buffer.concat(chunks) });
        });
      })
        .on("error", reject)
        .end();
    },
  );

it("compresses lists as the client can read them, and never otherwise", async () => {
  const plain = await get("/assets", "identity");
  expect(plain.encoding).toBeUndefined();
  const same = JSON.parse(plain.body.toString());
  for (const [encodings, encoding, open] of [
    ["gzip, deflate", "gzip", gunzipSync],
    ["gzip;q=0.5, br;q=0", "gzip", gunzipSync],
    ["gzip, deflate, br, zstd", "zstd", zstdDecompressSync],
  ] as const) {
    const answer = await get("/assets", encodings);
    expect([encodings, answer.encoding]).toEqual([encodings, encoding]);
    expect(answer.vary).toContain("accept-encoding");
    expect(answer.body.length).toBeLessThan(plain.body.length / 2);
    expect(JSON.parse(open(answer.body).toString())).toEqual(same);
  }
  for (const none of ["gzip;q=0", "gzip; q=0.0", "xgzip", ""])
    expect((await get("/assets", none)).encoding).toBeUndefined();
  expect((await get("/assets?q=nothing-has-this", "gzip")).encoding).toBeUndefined();
});
