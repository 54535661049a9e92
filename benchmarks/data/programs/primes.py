def primes(n):
    found = []
    for i in range(2, n + 1):
        if all(i % p for p in found):  # was: if any(i % p for p in found):
            found.append(i)
    return found


assert primes(7) == [2, 3, 5, 7]
