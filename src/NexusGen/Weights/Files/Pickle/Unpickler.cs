namespace NexusGen.Weights.Files.Pickle;

/// <summary>
/// Reads a pickle (protocols 2 to 5) as data, with a machine for the instructions that <c>torch.save</c> needs. Python names are
/// looked up in a short list, and nothing is ever imported or called. Work and memory are limited, whatever the pickle contains.
/// The instructions are those of Python's <c>pickletools</c>.
/// </summary>
internal sealed class Unpickler
{
    private const int MaxInstructions = 20_000_000;
    private const int HighestProtocol = 5;

    private readonly PickleBytes _bytes;
    private readonly TorchObjects _objects;
    private readonly string _file;
    private readonly PickleStack _stack;

    private Unpickler(byte[] pickle, TorchObjects objects, string file)
    {
        _bytes = new PickleBytes(pickle, file);
        _objects = objects;
        _file = file;
        _stack = new PickleStack(file);
    }

    /// <summary>Reads a pickle.</summary>
    /// <param name="pickle">The bytes of the pickle.</param>
    /// <param name="objects">Resolves storages and tensors.</param>
    /// <param name="file">The archive, used in messages.</param>
    /// <returns>
    /// Null, a bool, long, double, string, byte[], a list (<see cref="List{T}"/>), a tuple (an array), a dictionary, or one of
    /// <see cref="PickledTensor"/>, <see cref="PickledStorage"/>, <see cref="PickleGlobal"/>.
    /// </returns>
    /// <exception cref="WeightFileException">
    /// The pickle is malformed or malicious, or contains anything other than plain values and tensors.
    /// </exception>
    public static object? Read(byte[] pickle, TorchObjects objects, string file) => new Unpickler(pickle, objects, file).Run();

    private object? Run()
    {
        for (int instructions = 0; instructions < MaxInstructions; instructions++)
        {
            byte code = _bytes.TakeByte();
            if (code == (byte)'.')
            {
                return _stack.Last();
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
                byte protocol = _bytes.TakeByte();
                if (protocol is < 2 or > HighestProtocol)
                {
                    throw Refuse($"has the protocol {protocol}; only 2 to {HighestProtocol} are supported");
                }

                break;
            case 0x95: // FRAME: only a hint for reading ahead
                _bytes.Take(8);
                break;
            case (byte)'(':
                _stack.Mark();
                break;
            case (byte)'0':
                _stack.Pop();
                break;
            case (byte)'1':
                _stack.PopToMark();
                break;
            case (byte)'2':
                _stack.Push(_stack.Peek());
                break;
            case (byte)'N':
                _stack.Push(null);
                break;
            case 0x88:
                _stack.Push(true);
                break;
            case 0x89:
                _stack.Push(false);
                break;
            case (byte)'K':
                _stack.Push((long)_bytes.TakeByte());
                break;
            case (byte)'M':
                _stack.Push((long)_bytes.TakeUInt16());
                break;
            case (byte)'J':
                _stack.Push((long)_bytes.TakeInt32());
                break;
            case 0x8A: // LONG1
                _stack.Push(_bytes.TakeWholeNumber(_bytes.TakeByte()));
                break;
            case 0x8B: // LONG4
                _stack.Push(_bytes.TakeWholeNumber(_bytes.TakeUInt32()));
                break;
            case (byte)'G':
                _stack.Push(_bytes.TakeDouble());
                break;
            case 0x8C: // SHORT_BINUNICODE
                _stack.Make(_bytes.TakeText(_bytes.TakeByte()));
                break;
            case (byte)'X':
                _stack.Make(_bytes.TakeText(_bytes.TakeUInt32()));
                break;
            case 0x8D: // BINUNICODE8
                _stack.Make(_bytes.TakeText(_bytes.TakeUInt64()));
                break;
            case (byte)'C':
                _stack.Make(_bytes.Take(_bytes.TakeByte()).ToArray());
                break;
            case (byte)'B':
                _stack.Make(_bytes.Take(_bytes.TakeUInt32()).ToArray());
                break;
            case 0x8E: // BINBYTES8
                _stack.Make(_bytes.Take(_bytes.TakeUInt64()).ToArray());
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
                _stack.Make(Array.Empty<object?>());
                break;
            case 0x85:
                _stack.MakeTuple(1);
                break;
            case 0x86:
                _stack.MakeTuple(2);
                break;
            case 0x87:
                _stack.MakeTuple(3);
                break;
            case (byte)'t':
                _stack.Make(_stack.PopToMark());
                break;
            case (byte)']':
                _stack.Make(new List<object?>());
                break;
            case (byte)'a':
                object? item = _stack.Pop();
                Target<List<object?>>("a list").Add(item);
                break;
            case (byte)'e':
                object?[] items = _stack.PopToMark();
                Target<List<object?>>("a list").AddRange(items);
                break;
            case (byte)'}':
                _stack.Make(NewDictionary());
                break;
            case (byte)'s':
                object? value = _stack.Pop();
                object? key = _stack.Pop();
                Set(Target<OrderedDictionary<object, object?>>("a dictionary"), key, value);
                break;
            case (byte)'u':
                SetItems(_stack.PopToMark());
                break;
            case (byte)'q':
                _stack.Remember(_bytes.TakeByte());
                break;
            case (byte)'r':
                _stack.Remember(_bytes.TakeUInt32());
                break;
            case 0x94: // MEMOIZE
                _stack.Remember();
                break;
            case (byte)'h':
                _stack.Recall(_bytes.TakeByte());
                break;
            case (byte)'j':
                _stack.Recall(_bytes.TakeUInt32());
                break;
            case (byte)'c':
                PushGlobal(_bytes.TakeLine() + "." + _bytes.TakeLine());
                break;
            case 0x93: // STACK_GLOBAL
                object? name = _stack.Pop();
                PushGlobal(_stack.Pop() is string module && name is string member
                    ? module + "." + member
                    : throw Refuse("names a global with values that are not strings"));
                break;
            case (byte)'R':
                object? arguments = _stack.Pop();
                Reduce(_stack.Pop(), arguments);
                break;
            case (byte)'b':
                Build(_stack.Pop());
                break;
            case (byte)'Q':
                _stack.Make(_objects.Storage(_stack.Pop()));
                break;
            default:
                throw Refuse(
                    $"uses the instruction 0x{code:X2} at byte {_bytes.Position - 1}, which tensors and plain values don't "
                    + "need");
        }
    }

    private void Reduce(object? function, object? arguments)
    {
        if (function is not PickleGlobal global || arguments is not object?[] values)
        {
            throw Refuse("calls a value that is not a function, or without a tuple of arguments");
        }

        _stack.Make(global.Kind == PickleGlobalKind.OrderedDictionary && values.Length == 0
            ? NewDictionary()
            : _objects.Call(global, values));
    }

    // A module's state dictionary carries its version numbers as an attribute, which is irrelevant for the tensors.
    private void Build(object? state)
    {
        if (_stack.Peek() is not OrderedDictionary<object, object?> || state is not OrderedDictionary<object, object?>)
        {
            throw Refuse("sets the state of an object, which tensors and plain values don't need");
        }
    }

    private void SetItems(object?[] items)
    {
        var target = Target<OrderedDictionary<object, object?>>("a dictionary");
        if (items.Length % 2 != 0)
        {
            throw Refuse("has a dictionary with a key without a value");
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
            throw Refuse("has a dictionary with a key that is neither a string nor an integer");
        }

        if (!target.TryAdd(key!, value))
        {
            throw Refuse($"has a dictionary with the key {key} twice");
        }
    }

    private void PushGlobal(string name) => _stack.Push(PickleGlobal.Find(name) ?? throw new WeightFileException(
        $"The archive {_file} contains a pickle that names {Shorten(name)}, which is neither a tensor nor a plain value; it "
        + "was rejected and no code was run."));

    private T Target<T>(string what) => _stack.Peek() is T target ? target : throw Refuse(
        $"adds to a value that is not {what}");

    private static OrderedDictionary<object, object?> NewDictionary() => new(PickleKeys.Instance);

    private static string Shorten(string name) => name.Length <= 100 ? name : name[..100] + "…";

    private WeightFileException Refuse(string what) => new($"The archive {_file} contains a pickle that {what}.");
}
