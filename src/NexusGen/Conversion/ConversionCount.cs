namespace NexusGen.Conversion;

/// <summary>Counts the bytes and tensors of a conversion.</summary>
internal sealed class ConversionCount(ConversionPlan plan, IProgress<ConversionProgress>? progress)
{
    private readonly int _total = plan.Files.Sum(file => file.Tensors.Length);
    private long _bytes;
    private int _tensors;

    /// <summary>Adds what was written.</summary>
    /// <param name="bytes">The number of bytes.</param>
    /// <param name="tensors">The number of tensors.</param>
    /// <param name="name">What it was.</param>
    public void Add(long bytes, int tensors, string name)
    {
        _bytes += bytes;
        _tensors += tensors;
        progress?.Report(new ConversionProgress(_bytes, plan.BytesAfter, _tensors, _total, name));
    }
}
