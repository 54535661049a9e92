interface Line {
  price: number;
  count: number;
}

const carts = new Map<string, Line[]>();

export function totalOf(user: string): number {
  const lines = carts.get(user);
  return lines.reduce((sum, line) => sum + line.price * line.cuont, 0);
}
