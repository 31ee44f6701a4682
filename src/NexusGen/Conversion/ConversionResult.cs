namespace NexusGen.Conversion;

/// <summary>What a conversion did.</summary>
/// <param name="Errors">The error of each tensor, by file and tensor in the order of the plan.</param>
/// <param name="Continued">The number of bytes that an interrupted conversion had written.</param>
/// <param name="BeganAnew">Whether an interrupted conversion was discarded, because it was another one.</param>
internal sealed record ConversionResult(
    IReadOnlyList<IReadOnlyList<TensorError>> Errors, long Continued, bool BeganAnew);
