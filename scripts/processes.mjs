// Child processes that are started together and stopped together.
import { spawn } from 'node:child_process';

export class Processes {
  #running = [];

  /** Resolves when the user interrupts. From here on that no longer ends this process by itself. */
  interrupted = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolve);
  });

  /** Starts a program; what it prints is kept to explain a failure. */
  start(title, command, args, env = {}) {
    const started = new Running(title, spawn(command, args, { env: { ...process.env, ...env } }));
    this.#running.push(started);
    return started;
  }

  /** Ends every process, politely first. */
  async stop() {
    await Promise.all(this.#running.map((running) => running.stop()));
  }

  /** Resolves when the user interrupts; rejects when a process ends by itself. */
  untilInterrupted() {
    return Promise.race([this.interrupted, ...this.#running.map((running) => running.failed)]);
  }
}

class Running {
  #title;
  #child;
  #printed = '';
  #exited;

  constructor(title, child) {
    this.#title = title;
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        this.#printed = (this.#printed + text).slice(-20_000);
      });
    }
    this.#exited = new Promise((resolve) => child.once('close', resolve));
    this.failed = new Promise((_, reject) => {
      child.once('error', (error) => reject(new Error(`${title} did not start: ${error.message}`)));
      child.once('close', (code) => reject(new Error(`${title} ended with exit code ${code}:\n${this.#printed}`)));
    });
    this.failed.catch(() => {});
  }

  get pid() {
    return this.#child.pid;
  }

  /** Resolves to the first group of `pattern` once the process has printed it. */
  untilItPrints(pattern, milliseconds = 30_000) {
    const found = new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this.#printed);
        if (match) resolve(match[1]);
        return match !== null;
      };
      this.#child.stdout.on('data', look);
      const late = () =>
        reject(new Error(`${this.#title} is not ready after ${milliseconds / 1000} s:\n${this.#printed}`));
      if (!look()) setTimeout(late, milliseconds).unref();
    });
    return Promise.race([found, this.failed]);
  }

  async stop() {
    this.#child.kill('SIGTERM');
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    await this.#exited;
    clearTimeout(kill);
  }
}
