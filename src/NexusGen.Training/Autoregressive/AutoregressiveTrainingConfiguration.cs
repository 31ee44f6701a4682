using NexusGen.Lora;
using NexusGen.Training.Configuration;

namespace NexusGen.Training.Autoregressive;

/// <summary>
/// The configuration of phase 1: the language model is trained to understand, generate and edit images and to chat (section 4 of
/// the paper). The default loss weights are the official ones.
/// </summary>
internal sealed record AutoregressiveTrainingConfiguration : AdaptableTrainingConfiguration
{
    /// <summary>The weight of the cross-entropy of the tokens.</summary>
    public double TokenLossWeight { get; init; } = 3;

    /// <summary>
    /// The weight of the loss of the image embeddings: half the squared error plus half of one minus the cosine similarity.
    /// </summary>
    public double ImageLossWeight { get; init; } = 3;

    /// <summary>
    /// How image embeddings are generated: false for prefilled autoregression (the inputs are learned), true for the plain
    /// autoregression that the paper compares it with (the inputs are the embeddings themselves).
    /// </summary>
    public bool Plain { get; init; }

    /// <summary>Whether the vision encoder is trained as well; officially, it is frozen.</summary>
    public bool TrainVision { get; init; }

    /// <summary>The factor on the learning rate for the vision encoder.</summary>
    public double VisionLearningRateScale { get; init; } = 0.1;

    /// <summary>
    /// The weight of the loss that keeps pixel information in the embeddings of a trained vision encoder (the piece loss of the
    /// stage vision); 0 for none.
    /// </summary>
    public double VisionPieceWeight { get; init; }

    /// <summary>
    /// The weight of the label loss: the head of the stage vision should predict the same labels from generated embeddings as
    /// from true ones. Labels contribute little to the squared error, but they determine what is generated. 0 for none, as
    /// officially.
    /// </summary>
    public double ImageLabelWeight { get; init; }

    /// <summary>
    /// The folder of the vision encoder's own training run, whose head is needed if vision_piece_weight or image_label_weight is
    /// above 0.
    /// </summary>
    public string? VisionTraining { get; init; }

    /// <summary>The maximum number of tokens per sample; longer samples count as invalid.</summary>
    public int MaxLength { get; init; } = 4096;

    /// <summary>
    /// The length up to which conversations share a row of the batch, each attending only to itself: the same losses with less
    /// padding, if lengths differ. 0 for one conversation per row.
    /// </summary>
    public int PackedLength { get; init; }

    /// <inheritdoc/>
    internal override IReadOnlyList<LoraForm> LoraForms => [LoraForm.Peft];

    /// <inheritdoc/>
    protected override IEnumerable<string> Problems() =>
    [
        .. base.Problems(),
        .. Rule(!(TokenLossWeight >= 0) || !(ImageLossWeight >= 0), "weights must be 0 or more"),
        .. Rule(!(VisionLearningRateScale >= 0), "vision_learning_rate_scale must be 0 or more"),
        .. Rule(!(VisionPieceWeight >= 0), "vision_piece_weight must be 0 or more"),
        .. Rule(VisionPieceWeight > 0 && !TrainVision, "vision_piece_weight requires train_vision: true"),
        .. Rule(!(ImageLabelWeight >= 0), "image_label_weight must be 0 or more"),
        .. Rule(
            (VisionPieceWeight > 0 || ImageLabelWeight > 0) && VisionTraining is null,
            "vision_piece_weight and image_label_weight require vision_training, the folder of the vision encoder's training"),
        .. Rule(Lora is not null && TrainVision, "lora changes the language model alone; set train_vision to false"),
        .. Rule(MaxLength < 1, "max_length must be at least 1"),
        .. Rule(PackedLength < 0, "packed_length must be 0 or more"),
    ];
}
