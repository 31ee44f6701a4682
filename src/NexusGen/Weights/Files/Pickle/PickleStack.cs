namespace NexusGen.Weights.Files.Pickle;

/// <summary>
/// The stack and the memo of an unpickler. The number of objects that a pickle may create and memoize is limited.
/// </summary>
/// <param name="file">The archive, used in messages.</param>
internal sealed class PickleStack(string file)
{
    private const int MaxObjects = 4_000_000;
    private const int MaxMarks = 256;

    private readonly List<object?> _values = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private int _made;

    /// <summary>Returns the only value on the stack at the end of the pickle.</summary>
    public object? Last() => _values.Count == 1 && _marks.Count == 0
        ? _values[0]
        : throw Refuse("ends without exactly one value on its stack");

    /// <summary>Marks the start of a group of values.</summary>
    public void Mark()
    {
        if (_marks.Count == MaxMarks)
        {
            throw Refuse($"is nested more than {MaxMarks} levels deep");
        }

        _marks.Add(_values.Count);
    }

    /// <summary>Pushes a value that does not count as a new object: a scalar, or an object that exists already.</summary>
    /// <param name="value">The value.</param>
    public void Push(object? value) => _values.Add(value);

    /// <summary>Pushes a new object.</summary>
    /// <param name="value">The object.</param>
    public void Make(object? value)
    {
        if (++_made > MaxObjects)
        {
            throw Refuse($"creates more than {MaxObjects} objects");
        }

        Push(value);
    }

    /// <summary>Replaces the topmost values by a tuple of them.</summary>
    /// <param name="count">The number of values.</param>
    public void MakeTuple(int count)
    {
        object?[] items = new object?[count];
        for (int i = count - 1; i >= 0; i--)
        {
            items[i] = Pop();
        }

        Make(items);
    }

    /// <summary>Returns the topmost value without removing it.</summary>
    public object? Peek() => _values.Count > (_marks.Count > 0 ? _marks[^1] : 0)
        ? _values[^1]
        : throw Refuse("pops more from its stack than it has pushed");

    /// <summary>Removes and returns the topmost value, but never one below the last mark.</summary>
    public object? Pop()
    {
        object? value = Peek();
        _values.RemoveAt(_values.Count - 1);
        return value;
    }

    /// <summary>Removes the last mark and returns all values above it.</summary>
    public object?[] PopToMark()
    {
        if (_marks.Count == 0)
        {
            throw Refuse("pops more from its stack than it has pushed");
        }

        int mark = _marks[^1];
        object?[] items = [.. _values[mark..]];
        _values.RemoveRange(mark, items.Length);
        _marks.RemoveAt(_marks.Count - 1);
        return items;
    }

    /// <summary>Memoizes the topmost value.</summary>
    /// <param name="index">The index in the memo, or null for the next one.</param>
    public void Remember(uint? index = null)
    {
        if (_memo.Count == MaxObjects)
        {
            throw Refuse($"memoizes more than {MaxObjects} objects");
        }

        _memo[index ?? (uint)_memo.Count] = Peek();
    }

    /// <summary>Pushes a memoized value.</summary>
    /// <param name="index">The index in the memo.</param>
    public void Recall(uint index) =>
        Push(_memo.TryGetValue(index, out object? value) ? value : throw Refuse(
            $"refers to the memo entry {index}, which does not exist"));

    private WeightFileException Refuse(string what) => new($"The archive {file} contains a pickle that {what}.");
}
