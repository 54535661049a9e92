def binary(values, x):
    low, high = 0, len(values)
    while low < high:
        mid = (low + high) // 2
        if values[mid] < x:
            low = mid + 1
        else:
            high = mid  # was: high = mid - 1
    return low


assert binary([1, 3, 5, 7], 5) == 2
