import { promisify } from "node:util";
import { constants, gzip, zstdCompress } from "node:zlib";
import type { FastifyReply, FastifyRequest } from "fastify";

/** Below this, compression saves a packet at most. */
const COMPRESS_FROM_BYTES = 1_024;
/** The last tenth of size costs more processor time than reading the rows. */
const GZIP_LEVEL = 2;
const ZSTD_LEVEL = 1;

const toGzip = promisify<Buffer, { level: number }, Buffer>(gzip);
const toZstd = promisify<Buffer, { params: Record<number, number> }, Buffer>(zstdCompress);

const accepts = (request: FastifyRequest, encoding: string): boolean =>
  new RegExp(`(^|[,\\s])${encoding}\\s*(,|;\\s*q=(1|0?\\.[0-9]*[1-9])|$)`, "i").test(
    String(request.headers["accept-encoding"] ?? ""),
  );

/**
 * Sends an answer that is JSON text already. It is compressed in one piece, away from this thread: the plugin's stream for each
 * answer costs several times as much, and these are the answers that are asked for all the time.
 */
export const sendReadyText = async (
  request: FastifyRequest,
  reply: FastifyReply,
  { buffer, byteOffset, byteLength }: Uint8Array,
): Promise<FastifyReply> => {
  const text = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
  void reply.type("application/json; charset=utf-8");
  if (byteLength < COMPRESS_FROM_BYTES) return reply.send(text);
  void reply.header("vary", "accept-encoding");
  if (accepts(request, "zstd")) {
    const packed = await toZstd(text, { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } });
    return reply.header("content-encoding", "zstd").send(packed);
  }
  if (accepts(request, "gzip"))
    return reply.header("content-encoding", "gzip").send(await toGzip(text, { level: GZIP_LEVEL }));
  return reply.send(text);
};
