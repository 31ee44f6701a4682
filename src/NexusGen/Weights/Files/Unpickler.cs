using System.Buffers.Binary;
using System.Text;

namespace NexusGen.Weights;

/// <summary>
/// Reads a pickle (protocols 2 to 5) as data. It is a machine with a stack and a memo that knows the instructions which
/// <c>torch.save</c> needs; names of Python are looked up in a short list, and nothing is ever imported or called. Work and
/// memory are bounded, whatever the pickle says. The instructions are those of Python's <c>pickletools</c>.
/// </summary>
internal sealed class Unpickler
{
    private const int MaxInstructions = 20_000_000;
    private const int MaxObjects = 4_000_000;
    private const int MaxMarks = 256;
    private const int HighestProtocol = 5;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] _pickle;
    private readonly TorchObjects _objects;
    private readonly string _file;
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private int _position;
    private int _made;

    private Unpickler(byte[] pickle, TorchObjects objects, string file)
    {
        _pickle = pickle;
        _objects = objects;
        _file = file;
    }

    /// <summary>Reads a pickle.</summary>
    /// <param name="pickle">Its bytes.</param>
    /// <param name="objects">Makes tensors of what the pickle says.</param>
    /// <param name="file">The archive, for messages.</param>
    /// <returns>
    /// Null, a bool, long, double, string, byte[], a list (<see cref="List{T}"/>), a tuple (an array), a dictionary, or one of
    /// <see cref="PickledTensor"/>, <see cref="PickledStorage"/>, <see cref="PickleGlobal"/>.
    /// </returns>
    /// <exception cref="WeightFileException">It is malformed, hostile, or holds something else than plain values and tensors.</exception>
    public static object? Read(byte[] pickle, TorchObjects objects, string file) => new Unpickler(pickle, objects, file).Run();

    private object? Run()
    {
        for (int instructions = 0; instructions < MaxInstructions; instructions++)
        {
            byte code = Take(1)[0];
            if (code == (byte)'.')
            {
                return _stack.Count == 1 && _marks.Count == 0
                    ? _stack[0]
                    : throw Refuse("ends with something left over on its stack, or nothing at all");
            }

            Execute(code);
        }

        throw Refuse($"has more than {MaxInstructions} instructions");
    }

    private void Execute(byte code)
    {
        switch (code)
        {
            case 0x80: // PROTO
                byte protocol = Take(1)[0];
                if (protocol is < 2 or > HighestProtocol)
                {
                    throw Refuse($"has the protocol {protocol}; 2 to {HighestProtocol} can be read");
                }

                break;
            case 0x95: // FRAME: says only where to read ahead
                Take(8);
                break;
            case (byte)'(':
                if (_marks.Count == MaxMarks)
                {
                    throw Refuse($"is nested more than {MaxMarks} levels deep");
                }

                _marks.Add(_stack.Count);
                break;
            case (byte)'0':
                Pop();
                break;
            case (byte)'1':
                PopToMark();
                break;
            case (byte)'2':
                Push(Peek());
                break;
            case (byte)'N':
                Push(null);
                break;
            case 0x88:
                Push(true);
                break;
            case 0x89:
                Push(false);
                break;
            case (byte)'K':
                Push((long)Take(1)[0]);
                break;
            case (byte)'M':
                Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));
                break;
            case (byte)'J':
                Push((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)));
                break;
            case 0x8A: // LONG1
                PushLong(Take(1)[0]);
                break;
            case 0x8B: // LONG4
                PushLong(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)));
                break;
            case (byte)'G':
                Push(BinaryPrimitives.ReadDoubleBigEndian(Take(8)));
                break;
            case 0x8C: // SHORT_BINUNICODE
                PushText(Take(1)[0]);
                break;
            case (byte)'X':
                PushText(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)));
                break;
            case 0x8D: // BINUNICODE8
                PushText(BinaryPrimitives.ReadUInt64LittleEndian(Take(8)));
                break;
            case (byte)'C':
                Make(Take(Take(1)[0]).ToArray());
                break;
            case (byte)'B':
                Make(Take(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))).ToArray());
                break;
            case 0x8E: // BINBYTES8
                Make(Take(BinaryPrimitives.ReadUInt64LittleEndian(Take(8))).ToArray());
                break;
            default:
                ExecuteOnObjects(code);
                break;
        }
    }

    private void ExecuteOnObjects(byte code)
    {
        switch (code)
        {
            case (byte)')':
                Make(Array.Empty<object?>());
                break;
            case 0x85:
                MakeTuple(1);
                break;
            case 0x86:
                MakeTuple(2);
                break;
            case 0x87:
                MakeTuple(3);
                break;
            case (byte)'t':
                Make(PopToMark());
                break;
            case (byte)']':
                Make(new List<object?>());
                break;
            case (byte)'a':
                object? item = Pop();
                Target<List<object?>>("a list").Add(item);
                break;
            case (byte)'e':
                object?[] items = PopToMark();
                Target<List<object?>>("a list").AddRange(items);
                break;
            case (byte)'}':
                Make(NewDictionary());
                break;
            case (byte)'s':
                object? value = Pop();
                object? key = Pop();
                Set(Target<OrderedDictionary<object, object?>>("a dictionary"), key, value);
                break;
            case (byte)'u':
                SetItems(PopToMark());
                break;
            case (byte)'q':
                _memo[Take(1)[0]] = Peek();
                break;
            case (byte)'r':
                _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Peek();
                break;
            case 0x94: // MEMOIZE
                _memo[(uint)_memo.Count] = Peek();
                break;
            case (byte)'h':
                Push(Recall(Take(1)[0]));
                break;
            case (byte)'j':
                Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
                break;
            case (byte)'c':
                PushGlobal(TakeLine() + "." + TakeLine());
                break;
            case 0x93: // STACK_GLOBAL
                object? name = Pop();
                PushGlobal(Pop() is string module && name is string member ? module + "." + member : throw Refuse("names a global with something else than texts"));
                break;
            case (byte)'R':
                object? arguments = Pop();
                Reduce(Pop(), arguments);
                break;
            case (byte)'b':
                Build(Pop());
                break;
            case (byte)'Q':
                Make(_objects.Storage(Pop()));
                break;
            default:
                throw Refuse($"uses the instruction 0x{code:X2} at byte {_position - 1}, which tensors and plain values don't need");
        }
    }

    private void Reduce(object? function, object? arguments)
    {
        if (function is not PickleGlobal global || arguments is not object?[] values)
        {
            throw Refuse("calls something that is no function, or without a tuple of arguments");
        }

        Make(global.Kind == PickleGlobalKind.OrderedDictionary && values.Length == 0
            ? NewDictionary()
            : _objects.Call(global, values));
    }

    // The state dictionary of a module carries its version numbers as an attribute, which says nothing about the tensors.
    private void Build(object? state)
    {
        if (Peek() is not OrderedDictionary<object, object?> || state is not OrderedDictionary<object, object?>)
        {
            throw Refuse("gives an object a state, which tensors and plain values don't need");
        }
    }

    private void SetItems(object?[] items)
    {
        var target = Target<OrderedDictionary<object, object?>>("a dictionary");
        if (items.Length % 2 != 0)
        {
            throw Refuse("gives a dictionary a key without a value");
        }

        for (int i = 0; i < items.Length; i += 2)
        {
            Set(target, items[i], items[i + 1]);
        }
    }

    private void Set(OrderedDictionary<object, object?> target, object? key, object? value)
    {
        if (!PickleKeys.IsKey(key))
        {
            throw Refuse("has a dictionary with a key that is neither a text nor a whole number");
        }

        if (!target.TryAdd(key!, value))
        {
            throw Refuse($"has a dictionary with the key {key} twice");
        }
    }

    private void PushGlobal(string name) => Push(PickleGlobal.Find(name) ?? throw new WeightFileException(
        $"The archive {_file} holds a pickle that names {Shorten(name)}, which is neither a tensor nor a plain value: it was refused and "
        + "nothing was run."));

    private void PushLong(uint length)
    {
        if (length > 8)
        {
            throw Refuse($"has a whole number of {length} bytes; 8 are the most");
        }

        ReadOnlySpan<byte> bytes = Take(length);
        long value = length > 0 && (bytes[^1] & 0x80) != 0 ? -1 : 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
        {
            value = (value << 8) | bytes[i];
        }

        Push(value);
    }

    private void PushText(ulong length)
    {
        try
        {
            Make(Strict.GetString(Take(length)));
        }
        catch (DecoderFallbackException e)
        {
            throw new WeightFileException($"The archive {_file} holds a pickle with a text that is not valid UTF-8.", e);
        }
    }

    private void MakeTuple(int count)
    {
        object?[] items = new object?[count];
        for (int i = count - 1; i >= 0; i--)
        {
            items[i] = Pop();
        }

        Make(items);
    }

    private void Make(object? value)
    {
        if (++_made > MaxObjects)
        {
            throw Refuse($"makes more than {MaxObjects} objects");
        }

        Push(value);
    }

    private void Push(object? value) => _stack.Add(value);

    private object? Pop()
    {
        object? value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object? Peek() => _stack.Count > (_marks.Count > 0 ? _marks[^1] : 0)
        ? _stack[^1]
        : throw Refuse("takes more from its stack than there is");

    private object?[] PopToMark()
    {
        if (_marks.Count == 0)
        {
            throw Refuse("takes more from its stack than there is");
        }

        int mark = _marks[^1];
        object?[] items = [.. _stack[mark..]];
        _stack.RemoveRange(mark, items.Length);
        _marks.RemoveAt(_marks.Count - 1);
        return items;
    }

    private T Target<T>(string what) => Peek() is T target ? target : throw Refuse($"adds to something that is not {what}");

    private object? Recall(uint index) =>
        _memo.TryGetValue(index, out object? value) ? value : throw Refuse($"recalls number {index}, which it has not remembered");

    private string TakeLine()
    {
        ReadOnlySpan<byte> rest = _pickle.AsSpan(_position);
        int length = rest.IndexOf((byte)'\n');
        if (length is < 0 or > 1000)
        {
            throw Refuse("names a global without end");
        }

        _position += length + 1;
        return Encoding.UTF8.GetString(rest[..length]);
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)(_pickle.Length - _position))
        {
            throw Refuse($"breaks off at byte {_pickle.Length}: it is cut, or lies about a length");
        }

        ReadOnlySpan<byte> bytes = _pickle.AsSpan(_position, (int)count);
        _position += (int)count;
        return bytes;
    }

    private static OrderedDictionary<object, object?> NewDictionary() => new(PickleKeys.Instance);

    private static string Shorten(string name) => name.Length <= 100 ? name : name[..100] + "…";

    private WeightFileException Refuse(string what) => new($"The archive {_file} holds a pickle that {what}.");
}
