using NexusGen.Weights;

namespace NexusGen.Lora;

/// <summary>The tensors of a LoRA file that belong to one module.</summary>
/// <param name="Name">The name of the module, as the file writes it.</param>
internal sealed record LoraModule(string Name)
{
    /// <summary>Gets the tensors by their role.</summary>
    public Dictionary<LoraRole, TensorEntry> Tensors { get; } = [];

    /// <summary>Gets the name of one of its tensors, for messages.</summary>
    public string Key => Tensors.OrderBy(tensor => tensor.Key).First().Value.Name;
}
