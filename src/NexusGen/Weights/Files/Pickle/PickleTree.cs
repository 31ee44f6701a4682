using System.Collections.ObjectModel;
using System.Globalization;

namespace NexusGen.Weights.Files.Pickle;

/// <summary>
/// Turns the content of a pickle into a read-only tree and names its tensors by their paths. Objects that a pickle shares are
/// copied, so the size of the tree is limited separately from the size of the pickle, and so are its depth and the names.
/// </summary>
internal sealed class PickleTree
{
    private const int MaxDepth = 64;
    private const int MaxNodes = 2_000_000;
    private const int MaxName = 2_000;

    private readonly string _file;
    private readonly HashSet<object> _open = new(ReferenceEqualityComparer.Instance);
    private readonly OrderedDictionary<string, TensorEntry> _tensors = new(StringComparer.Ordinal);
    private int _nodes;

    private PickleTree(string file) => _file = file;

    /// <summary>Creates the tree.</summary>
    /// <param name="root">The content of the pickle.</param>
    /// <param name="file">The archive, used in messages and entries.</param>
    /// <returns>The tree, and its tensors by path.</returns>
    /// <exception cref="WeightFileException">
    /// The tree is too large or too deep, contains itself, or contains something that is not a value.
    /// </exception>
    public static (object? Root, OrderedDictionary<string, TensorEntry> Tensors) Make(object? root, string file)
    {
        var tree = new PickleTree(file);
        return (tree.Copy(root, "", 0), tree._tensors);
    }

    private object? Copy(object? value, string path, int depth)
    {
        if (++_nodes > MaxNodes)
        {
            throw Refuse($"expands to more than {MaxNodes} values");
        }

        if (path.Length > MaxName)
        {
            throw Refuse($"has names of more than {MaxName} characters");
        }

        switch (value)
        {
            case null or bool or long or double or string or byte[]:
                return value;
            case PickledTensor tensor:
                return Name(tensor, path);
            case PickledStorage:
                throw Refuse($"contains a storage without a tensor at {Shown(path)}");
            case PickleGlobal global:
                throw Refuse($"contains the global {global.Name} instead of a value at {Shown(path)}");
        }

        if (depth == MaxDepth)
        {
            throw Refuse($"is nested more than {MaxDepth} levels deep");
        }

        if (!_open.Add(value))
        {
            throw Refuse($"has a list or dictionary that contains itself, at {Shown(path)}");
        }

        object copy = value is OrderedDictionary<object, object?> dictionary
            ? CopyDictionary(dictionary, path, depth)
            : CopyList((IReadOnlyList<object?>)value, path, depth);
        _open.Remove(value);
        return copy;
    }

    private OrderedDictionary<object, object?> CopyDictionary(OrderedDictionary<object, object?> source, string path, int depth)
    {
        OrderedDictionary<object, object?> copy = new(source.Count, PickleKeys.Instance);
        foreach ((object key, object? value) in source)
        {
            copy.Add(key, Copy(value, Join(path, Convert.ToString(key, CultureInfo.InvariantCulture)!), depth + 1));
        }

        return copy;
    }

    private ReadOnlyCollection<object?> CopyList(IReadOnlyList<object?> source, string path, int depth)
    {
        object?[] copy = new object?[source.Count];
        for (int i = 0; i < copy.Length; i++)
        {
            copy[i] = Copy(source[i], Join(path, i.ToString(CultureInfo.InvariantCulture)), depth + 1);
        }

        return copy.AsReadOnly();
    }

    private TensorEntry Name(PickledTensor tensor, string path)
    {
        string name = path.Length > 0 ? path : "tensor";
        var entry = new TensorEntry(name, tensor.Type, tensor.Shape, _file, tensor.Offset, tensor.ByteLength)
        {
            Strides = tensor.Strides,
        };
        return _tensors.TryAdd(entry.Name, entry) ? entry : throw Refuse($"has two tensors with the name {Shown(entry.Name)}");
    }

    private static string Join(string path, string key) => path.Length == 0 ? key : path + "." + key;

    private static string Shown(string path) => path.Length == 0 ? "its root" : path;

    private WeightFileException Refuse(string what) => new($"The archive {_file} contains a pickle that {what}.");
}
