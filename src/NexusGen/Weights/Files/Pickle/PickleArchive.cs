using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Pickle;

/// <summary>
/// A PyTorch archive: what <c>torch.save</c> writes, a zip file with a pickle and the bytes of the storages. The pickle is
/// data here: tensors, dictionaries, lists and plain values are read, and anything else is refused by name; nothing in it is
/// ever run. Opening reads the directory and the pickle only. Thread safe.
/// </summary>
public sealed class PickleArchive : ITensorStore
{
    private const long MaxPickleBytes = 64 << 20;

    // What training programs put a model's dictionary under.
    private static readonly string[] Wrappers = ["state_dict", "model_state_dict", "module", "model"];

    private readonly FileTensorStore _store;

    private PickleArchive(FileTensorStore store, object? root)
    {
        _store = store;
        Root = root;
    }

    /// <summary>
    /// All that the archive holds: null, <see cref="bool"/>, <see cref="long"/>, <see cref="double"/>, <see cref="string"/>,
    /// byte[], <see cref="TensorEntry"/>, lists and tuples as <see cref="IReadOnlyList{T}"/> of such, dictionaries as
    /// <see cref="IReadOnlyDictionary{TKey, TValue}"/> from texts, whole numbers or truths to such. A tensor's name is its path.
    /// </summary>
    public object? Root { get; }

    /// <inheritdoc/>
    public string Location => _store.Location;

    /// <summary>
    /// The tensors by name; the names of nested dictionaries and lists are joined with dots. Where the archive holds no tensor
    /// at its root but a dictionary under <c>state_dict</c>, <c>model_state_dict</c>, <c>module</c> or <c>model</c>, these are
    /// the tensors of that dictionary alone.
    /// </summary>
    public IReadOnlyDictionary<string, TensorEntry> Entries => _store.Entries;

    /// <summary>Opens an archive.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="WeightFileException">It is missing, cut, hostile, or no such archive.</exception>
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

    /// <summary>Reads an opened archive, and owns it where this succeeds.</summary>
    /// <param name="file">The file.</param>
    internal static PickleArchive Read(WeightFile file)
    {
        (object? root, OrderedDictionary<string, TensorEntry> entries) = ReadEntries(file);
        return new PickleArchive(new FileTensorStore(file.Path, [file], entries, new Dictionary<string, string>()), root);
    }

    /// <summary>What an opened archive holds, and its tensors by name.</summary>
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
                $"The archive {file.Path} holds a pickle of {pickle.Length} bytes; {MaxPickleBytes} are the most that are read.");
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
            throw new WeightFileException($"The zip archive {file.Path} is not one of PyTorch's: it does not hold one data.pkl.");
        }

        string prefix = pickles[0][..^"data.pkl".Length];
        return zip.ContainsKey(prefix + "constants.pkl")
            ? throw new WeightFileException(
                $"The archive {file.Path} holds a TorchScript program, not a dictionary of tensors: save model.state_dict() "
                + "instead.")
            : prefix;
    }

    private static void CheckByteOrder(WeightFile file, IReadOnlyDictionary<string, ZipEntry> zip, string prefix)
    {
        if (zip.TryGetValue(prefix + "byteorder", out ZipEntry order)
            && (order.Length > 16 || !file.ReadBytes(order.Offset, (int)order.Length).AsSpan().SequenceEqual("little"u8)))
        {
            throw new WeightFileException(
                $"The archive {file.Path} was not written in little-endian byte order, the only one that is read: save it "
                + "again on such a machine.");
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
