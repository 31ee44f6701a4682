using System.Collections.Immutable;
using NexusGen.Weights.Files;
using NexusGen.Weights.Quantization;
using static TorchSharp.torch;

namespace NexusGen.Conversion;

/// <summary>A storage that weights can be converted into: the form of the files, and the type of large matrices.</summary>
internal sealed record StorageType
{
    private StorageType(string name, bool isGguf, TensorEncoding encoding, bool isNarrow, uint fileType) =>
        (Name, IsGguf, Encoding, IsNarrow, FileType) = (name, isGguf, encoding, isNarrow, fileType);

    /// <summary>
    /// Gets all storages, in the order of the help. One more is a line here, if its values have a <see cref="TensorEncoding"/>;
    /// the rules of what stays wide apply to it.
    /// </summary>
    public static ImmutableArray<StorageType> All { get; } =
    [
        Safetensors("bf16", TensorEncoding.Of(ScalarType.BFloat16)),
        Safetensors("f16", TensorEncoding.Of(ScalarType.Float16)),
        Safetensors("f32", TensorEncoding.Of(ScalarType.Float32)),
        Safetensors("fp8", TensorEncoding.Of(TensorTypes.Float8E4M3), isNarrow: true),
        Gguf("gguf-bf16", "BF16", 32),
        Gguf("gguf-f16", "F16", 1),
        Gguf("gguf-f32", "F32", 0),
        Gguf("q8_0", "Q8_0", 7),
        Gguf("q6_k", "Q6_K", 18),
        Gguf("q5_1", "Q5_1", 9),
        Gguf("q5_0", "Q5_0", 8),
        Gguf("q4_k", "Q4_K", 14),
        Gguf("q4_1", "Q4_1", 3),
        Gguf("q4_0", "Q4_0", 2),
    ];

    /// <summary>Gets the name on the command line.</summary>
    public string Name { get; }

    /// <summary>Gets whether the files are GGUF; otherwise, they are safetensors.</summary>
    public bool IsGguf { get; }

    /// <summary>Gets how the values of large matrices are stored.</summary>
    public TensorEncoding Encoding { get; }

    /// <summary>Gets whether the type has so few bits that some tensors stay wide; see <see cref="WideRule"/>.</summary>
    public bool IsNarrow { get; }

    /// <summary>Gets llama.cpp's number of the file type (<c>general.file_type</c>).</summary>
    public uint FileType { get; }

    /// <summary>Gets all names, for messages.</summary>
    public static string Names => string.Join(", ", All.Select(type => type.Name));

    /// <summary>Finds a storage by its name, or returns null. A plain type is GGUF if the file is to be one.</summary>
    /// <param name="name">The name, in upper or lower case.</param>
    /// <param name="output">The path of the output.</param>
    public static StorageType? Find(string name, string output)
    {
        bool isFile = output.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);
        string[] names = isFile ? ["gguf-" + name, name] : [name];
        return names.Select(word => All.FirstOrDefault(type => type.Name.Equals(word, StringComparison.OrdinalIgnoreCase)))
            .FirstOrDefault(type => type is not null);
    }

    private static StorageType Safetensors(string name, TensorEncoding encoding, bool isNarrow = false) =>
        new(name, isGguf: false, encoding, isNarrow, 0);

    private static StorageType Gguf(string name, string type, uint fileType)
    {
        GgmlType ggml = GgmlTypes.Find(type)!;
        return new(name, isGguf: true, TensorEncoding.Of(ggml), ggml.Blocks is not null, fileType);
    }
}
