import { once } from 'node:events';
import {
  connect,
  createServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';

/** A line to the API that can break. */
export class CuttableLine {
  private readonly sockets = new Set<Socket>();
  private left = Infinity;
  private isDown = false;

  private constructor(private readonly listener: Server, port: number) {
    listener.on('connection', client => {
      if (this.isDown) {
        client.destroy();
        return;
      }
      const upstream = connect(port, '127.0.0.1');
      const end = () => {
        client.destroy();
        upstream.destroy();
        this.sockets.delete(client);
      };
      this.sockets.add(client);
      for (const socket of [client, upstream]) {
        socket.on('error', end);
        socket.on('close', end);
      }
      client.on('data', chunk => upstream.write(chunk));
      upstream.on('data', chunk => {
        client.write(chunk.subarray(0, this.left));
        this.left -= chunk.length;
        if (this.left <= 0) {
          this.left = Infinity;
          client.end(end);
        }
      });
    });
  }

  static async to(port: number): Promise<CuttableLine> {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new CuttableLine(listener, port);
  }

  get server(): string {
    return `https://127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.sockets.forEach(socket => socket.destroy());
  }

  /** Breaks, and stays so. */
  goDown(): void {
    this.isDown = true;
    this.cut();
  }

  comeUp(): void {
    this.isDown = false;
  }

  /** Breaks once so many more bytes have come from the server. */
  cutAfter(bytes: number): void {
    this.left = bytes;
  }

  close(): void {
    this.listener.close();
    this.cut();
  }
}
