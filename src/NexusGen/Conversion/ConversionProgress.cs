namespace NexusGen.Conversion;

/// <summary>The progress of a conversion.</summary>
/// <param name="Bytes">The number of bytes that are written.</param>
/// <param name="TotalBytes">The number of all bytes.</param>
/// <param name="Tensors">The number of tensors that are written.</param>
/// <param name="TotalTensors">The number of all tensors.</param>
/// <param name="Current">The tensor that was written last.</param>
internal readonly record struct ConversionProgress(long Bytes, long TotalBytes, int Tensors, int TotalTensors, string Current);
