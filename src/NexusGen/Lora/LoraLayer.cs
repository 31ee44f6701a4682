namespace NexusGen.Lora;

/// <summary>A linear layer of a model that a LoRA can change.</summary>
/// <param name="In">The width of the input.</param>
/// <param name="Out">The width of the output.</param>
/// <param name="HasBias">Whether the layer has a bias.</param>
internal readonly record struct LoraLayer(long In, long Out, bool HasBias);
