/** A block of IPv4 addresses. `first` and `size` are numbers of addresses. */
export interface Block {
  readonly first: number;
  readonly size: number;
}

/** Parses `10.0.0.0/16`; throws with a reason when it is no block. */
export function parseBlock(text: string): Block {
  const [address = '', bits = ''] = text.trim().split('/');
  const octets = address.split('.').map(Number);
  const prefix = Number(bits);
  const isAddress =
    octets.length === 4 && octets.every((octet) => Number.isInteger(octet) && octet >= 0 && octet <= 255);
  if (!isAddress || bits === '' || !Number.isInteger(prefix) || prefix < 0 || prefix > 32) {
    throw new Error(`"${text}" is not an IPv4 block such as 10.0.0.0/16`);
  }
  const size = 2 ** (32 - prefix);
  const first = octets.reduce((number, octet) => number * 256 + octet, 0);
  if (first % size !== 0)
    throw new Error(
      `"${text}" has bits set beyond its prefix; the block starts at ${format({ first: first - (first % size), size })}`,
    );
  return { first, size };
}

/** Cuts a block into `count` equal blocks, rounded up to a power of two; returns `count` of them. */
export function splitBlock(block: Block, count: number): Block[] {
  const size = block.size / 2 ** Math.ceil(Math.log2(count));
  if (size < 1) throw new Error(`a block of ${block.size} addresses cannot be cut into ${count}`);
  return Array.from({ length: count }, (_, i) => ({ first: block.first + i * size, size }));
}

/** Whether two blocks share an address. */
export function overlap(a: Block, b: Block): boolean {
  return a.first < b.first + b.size && b.first < a.first + a.size;
}

/** Writes a block as text. */
export function format({ first, size }: Block): string {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return `${octets.join('.')}/${32 - Math.log2(size)}`;
}
