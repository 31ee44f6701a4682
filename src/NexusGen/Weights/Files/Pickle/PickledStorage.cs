using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Pickle;

/// <summary>A storage that a pickle refers to: bytes in the archive.</summary>
/// <param name="Type">The type of its elements.</param>
/// <param name="ElementCount">How many there are.</param>
/// <param name="Data">Where they lie.</param>
internal sealed record PickledStorage(ScalarType Type, long ElementCount, ZipEntry Data);
