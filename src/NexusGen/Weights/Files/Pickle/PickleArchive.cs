using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Pickle;

/// <summary>
/// A PyTorch archive as written by <c>torch.save</c>: a zip file with a pickle and the bytes of the storages. The pickle is
/// treated as data: tensors, dictionaries, lists and plain values are read, anything else is refused by name, and nothing in it
/// is ever executed. Opening reads only the directory and the pickle. Thread-safe.
/// </summary>
internal sealed class PickleArchive : ITensorStore
{
    private const long MaxPickleBytes = 64 << 20;

    // The keys under which training programs store a model's state dictionary.
    private static readonly string[] Wrappers = ["state_dict", "model_state_dict", "module", "model"];

    private readonly FileTensorStore _store;

    private PickleArchive(FileTensorStore store, object? root)
    {
        _store = store;
        Root = root;
    }

    /// <summary>
    /// Gets the content of the archive: null, <see cref="bool"/>, <see cref="long"/>, <see cref="double"/>, <see cref="string"/>,
    /// byte[], <see cref="TensorEntry"/>, lists and tuples as <see cref="IReadOnlyList{T}"/> of such values, dictionaries as
    /// <see cref="IReadOnlyDictionary{TKey, TValue}"/> from strings, integers or booleans to such values. A tensor's name is its
    /// path.
    /// </summary>
    public object? Root { get; }

    /// <inheritdoc/>
    public string Location => _store.Location;

    /// <summary>
    /// Gets the tensors by name; the keys and indexes of nested dictionaries and lists are joined with dots. If the archive has
    /// no tensor at its root but a dictionary under <c>state_dict</c>, <c>model_state_dict</c>, <c>module</c> or <c>model</c>,
    /// these are the tensors of that dictionary only.
    /// </summary>
    public IReadOnlyDictionary<string, TensorEntry> Entries => _store.Entries;

    /// <summary>Opens an archive.</summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="WeightFileException">The file is missing, truncated, malicious or not a PyTorch archive.</exception>
    public static PickleArchive Load(string path)
    {
        WeightFile file = WeightFile.Open(path);
        try
        {
            return FileFormat.Detect(file) == WeightFileFormat.PyTorchArchive
                ? Read(file)
                : throw new WeightFileException($"The file {path} is not a PyTorch archive.");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Tensor Read(TensorEntry entry, ScalarType? type = null, Device? device = null) => _store.Read(entry, type, device);

    /// <inheritdoc/>
    public Tensor? TryMap(TensorEntry entry) => _store.TryMap(entry);

    /// <summary>Closes the file. Mapped tensors stay valid.</summary>
    public void Dispose() => _store.Dispose();

    /// <summary>Reads an opened archive and, on success, takes ownership of the file.</summary>
    /// <param name="file">The file.</param>
    internal static PickleArchive Read(WeightFile file)
    {
        (object? root, OrderedDictionary<string, TensorEntry> entries) = ReadEntries(file);
        return new PickleArchive(new FileTensorStore(file.Path, [file], entries, new Dictionary<string, string>()), root);
    }

    /// <summary>Reads the content of an opened archive and its tensors by name.</summary>
    /// <param name="file">The file.</param>
    internal static (object? Root, OrderedDictionary<string, TensorEntry> Entries) ReadEntries(WeightFile file)
    {
        IReadOnlyDictionary<string, ZipEntry> zip = ZipDirectory.Read(file).Entries;
        string prefix = FindPrefix(file, zip);
        CheckByteOrder(file, zip, prefix);
        ZipEntry pickle = zip[prefix + "data.pkl"];
        if (pickle.Length > MaxPickleBytes)
        {
            throw new WeightFileException(
                $"The archive {file.Path} contains a pickle of {pickle.Length} bytes; the maximum is {MaxPickleBytes}.");
        }

        byte[] bytes = file.ReadBytes(pickle.Offset, (int)pickle.Length);
        object? value = Unpickler.Read(bytes, new TorchObjects(file.Path, prefix, zip), file.Path);
        (object? root, OrderedDictionary<string, TensorEntry> tensors) = PickleTree.Make(value, file.Path);
        return (root, Unwrap(root, tensors));
    }

    private static string FindPrefix(WeightFile file, IReadOnlyDictionary<string, ZipEntry> zip)
    {
        string[] pickles = [.. zip.Keys.Where(name => name.Split('/') is [_, "data.pkl"])];
        if (pickles.Length != 1)
        {
            throw new WeightFileException(
                $"The zip archive {file.Path} is not a PyTorch archive: it does not contain exactly one data.pkl.");
        }

        string prefix = pickles[0][..^"data.pkl".Length];
        return zip.ContainsKey(prefix + "constants.pkl")
            ? throw new WeightFileException(
                $"The archive {file.Path} contains a TorchScript program, not a dictionary of tensors; save model.state_dict() "
                + "instead.")
            : prefix;
    }

    private static void CheckByteOrder(WeightFile file, IReadOnlyDictionary<string, ZipEntry> zip, string prefix)
    {
        if (zip.TryGetValue(prefix + "byteorder", out ZipEntry order)
            && (order.Length > 16 || !file.ReadBytes(order.Offset, (int)order.Length).AsSpan().SequenceEqual("little"u8)))
        {
            throw new WeightFileException(
                $"The archive {file.Path} was not written in little-endian byte order, the only one that is supported; save "
                + "it again on a little-endian machine.");
        }
    }

    private static OrderedDictionary<string, TensorEntry> Unwrap(object? root, OrderedDictionary<string, TensorEntry> tensors)
    {
        string prefix = "";
        while (root is IReadOnlyDictionary<object, object?> dictionary
            && !dictionary.Values.Any(value => value is TensorEntry)
            && Wrappers.FirstOrDefault(name => IsDictionary(dictionary.GetValueOrDefault(name))) is { } wrapper)
        {
            prefix += wrapper + ".";
            root = dictionary[wrapper];
        }

        if (prefix.Length == 0)
        {
            return tensors;
        }

        OrderedDictionary<string, TensorEntry> inner = new(StringComparer.Ordinal);
        foreach ((string name, TensorEntry entry) in tensors.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            inner.Add(name[prefix.Length..], entry with { Name = name[prefix.Length..] });
        }

        return inner;
    }

    private static bool IsDictionary(object? value) => value is IReadOnlyDictionary<object, object?>;
}
