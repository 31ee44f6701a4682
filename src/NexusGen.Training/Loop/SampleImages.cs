using NexusGen.Imaging;

namespace NexusGen.Training.Loop;

/// <summary>Generates images with the weights of a checkpoint while a training runs.</summary>
internal abstract class SampleImages
{
    /// <summary>Gets the number of steps between two times.</summary>
    public abstract int Every { get; }

    /// <summary>Generates the images.</summary>
    /// <param name="step">The number of steps taken.</param>
    /// <param name="checkpoint">The folder of the checkpoint, or null for the model as it is before the first step.</param>
    /// <param name="stop">Stops between two steps of an image.</param>
    public abstract IReadOnlyList<RgbImage> Generate(long step, string? checkpoint, CancellationToken stop);
}
