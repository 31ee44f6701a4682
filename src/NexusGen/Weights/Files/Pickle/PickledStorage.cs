using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Pickle;

/// <summary>A storage that a pickle refers to, which is a range of bytes in the archive.</summary>
/// <param name="Type">The element type.</param>
/// <param name="ElementCount">The number of elements.</param>
/// <param name="Data">The archive entry that holds the bytes.</param>
internal sealed record PickledStorage(ScalarType Type, long ElementCount, ZipEntry Data);
