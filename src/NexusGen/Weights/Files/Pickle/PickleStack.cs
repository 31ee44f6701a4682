namespace NexusGen.Weights.Files.Pickle;

/// <summary>The stack of a pickle and what it remembers. How much may lie on it and be made for it is bounded.</summary>
/// <param name="file">The archive, for messages.</param>
internal sealed class PickleStack(string file)
{
    private const int MaxObjects = 4_000_000;
    private const int MaxMarks = 256;

    private readonly List<object?> _values = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private int _made;

    /// <summary>The only value that is left at the end.</summary>
    public object? Last() => _values.Count == 1 && _marks.Count == 0
        ? _values[0]
        : throw Refuse("ends with something left over on its stack, or nothing at all");

    /// <summary>Marks where a group of values begins.</summary>
    public void Mark()
    {
        if (_marks.Count == MaxMarks)
        {
            throw Refuse($"is nested more than {MaxMarks} levels deep");
        }

        _marks.Add(_values.Count);
    }

    /// <summary>Puts a value on top: a number, or one that is there already.</summary>
    /// <param name="value">The value.</param>
    public void Push(object? value) => _values.Add(value);

    /// <summary>Puts a new object on top.</summary>
    /// <param name="value">The object.</param>
    public void Make(object? value)
    {
        if (++_made > MaxObjects)
        {
            throw Refuse($"makes more than {MaxObjects} objects");
        }

        Push(value);
    }

    /// <summary>Replaces the topmost values by a tuple of them.</summary>
    /// <param name="count">How many.</param>
    public void MakeTuple(int count)
    {
        object?[] items = new object?[count];
        for (int i = count - 1; i >= 0; i--)
        {
            items[i] = Pop();
        }

        Make(items);
    }

    /// <summary>The topmost value, which stays.</summary>
    public object? Peek() => _values.Count > (_marks.Count > 0 ? _marks[^1] : 0)
        ? _values[^1]
        : throw Refuse("takes more from its stack than there is");

    /// <summary>Takes the topmost value; never one from before the last mark.</summary>
    public object? Pop()
    {
        object? value = Peek();
        _values.RemoveAt(_values.Count - 1);
        return value;
    }

    /// <summary>Takes all values since the last mark, and the mark.</summary>
    public object?[] PopToMark()
    {
        if (_marks.Count == 0)
        {
            throw Refuse("takes more from its stack than there is");
        }

        int mark = _marks[^1];
        object?[] items = [.. _values[mark..]];
        _values.RemoveRange(mark, items.Length);
        _marks.RemoveAt(_marks.Count - 1);
        return items;
    }

    /// <summary>Remembers the topmost value under a number, the next one unless it is given.</summary>
    /// <param name="index">The number.</param>
    public void Remember(uint? index = null)
    {
        if (_memo.Count == MaxObjects)
        {
            throw Refuse($"remembers more than {MaxObjects} objects");
        }

        _memo[index ?? (uint)_memo.Count] = Peek();
    }

    /// <summary>Puts a remembered value on top.</summary>
    /// <param name="index">Its number.</param>
    public void Recall(uint index) =>
        Push(_memo.TryGetValue(index, out object? value) ? value : throw Refuse(
            $"recalls number {index}, which it has not remembered"));

    private WeightFileException Refuse(string what) => new($"The archive {file} holds a pickle that {what}.");
}
