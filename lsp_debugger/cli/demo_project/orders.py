"""A small order book with real bugs in it."""

import json

from customers import find_customer


def load_orders(folder: str) -> list[dict]:
    path = os.path.join(folder, "orders.json")
    with open(path) as file:
        return json.load(file)


def add_item(item: str, items: list[str] = []) -> list[str]:
    items.append(item)
    return items


def total(order: dict) -> float:
    customer = find_customer(order["customer"])
    price = sum(line["price"] * line["count"] for line in order["lines"])
    return price * (1 - customer.discount)


if __name__ == "__main__":
    print(total({"customer": "grace", "lines": [{"price": 9.5, "count": 2}]}))
