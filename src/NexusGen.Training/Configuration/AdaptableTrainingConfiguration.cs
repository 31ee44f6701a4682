using NexusGen.Lora;

namespace NexusGen.Training.Configuration;

/// <summary>The settings of the training of a component of which a LoRA can be trained.</summary>
internal abstract record AdaptableTrainingConfiguration : ModelTrainingConfiguration
{
    /// <summary>
    /// Trains a LoRA instead of the component's weights: a section with rank, alpha, rank_stabilized, targets, dropout, from,
    /// format, weights and memory_budget, see docs/lora.md. null to train the weights.
    /// </summary>
    public LoraSection? Lora { get; init; }

    /// <summary>
    /// Images that are generated while a LoRA is trained, into the folder samples of the run and the events: a section with
    /// prompts, image (to edit), every, seed, steps, width and height. null for none.
    /// </summary>
    public SampleSection? Samples { get; init; }

    /// <summary>Gets the forms that a LoRA of this component can be written in, the default first.</summary>
    internal abstract IReadOnlyList<LoraForm> LoraForms { get; }

    /// <inheritdoc/>
    protected override IEnumerable<string> Problems() =>
        Lora is null ? [.. base.Problems(), .. Rule(Samples is not null, "samples requires lora")] :
        [
            .. base.Problems(),
            .. Samples?.Problems() ?? [],
            .. Lora.Problems(),
            .. Rule(FromNothing, "lora can't be trained with from_nothing, because a LoRA changes existing weights"),
            .. Rule(
                Lora.Format is { } form && !LoraForms.Contains(form),
                $"lora.format must be {string.Join(" or ", LoraForms.Select(each => ConfigurationReader.NameOf(each)))}"),
            .. Rule(
                Lora.MemoryBudget is not null && !GradientCheckpointing,
                "lora.memory_budget requires gradient_checkpointing: true, because the backward pass needs each block again"),
            .. Rule(Lora.MemoryBudget is not null && Parallel > 1, "lora.memory_budget requires parallel: 1"),
        ];
}
