namespace NexusGen.Lora;

/// <summary>What a module name of a LoRA file means in the model: a linear layer, or some of its rows.</summary>
/// <param name="Path">The path of the layer.</param>
/// <param name="Start">The first output feature.</param>
/// <param name="Count">The number of output features.</param>
/// <param name="SwapsHalves">Whether the halves of the output features have the other order in the file.</param>
internal readonly record struct LoraSlot(string Path, long Start, long Count, bool SwapsHalves = false);
