using static TorchSharp.torch;

namespace NexusGen.Training.Gradients;

/// <summary>A part of a loss that is reported.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The mean over the batch, a scalar.</param>
/// <param name="Unit">What it is a mean over.</param>
internal sealed record LossPart(string Name, Tensor Value, LossUnit Unit = LossUnit.Sample);
