using NexusGen.Training.Configuration;

namespace NexusGen.Training.Autoregressive;

/// <summary>
/// Phase 1: how the language model is trained to understand, draw, edit and talk (section 4 of the paper). The defaults of the
/// loss are the official ones.
/// </summary>
public sealed record AutoregressiveTrainingConfiguration : ModelTrainingConfiguration
{
    /// <summary>Weight of the tokens' cross-entropy.</summary>
    public double TokenLossWeight { get; init; } = 3;

    /// <summary>Weight of the embeddings' error: half the squared error, half one minus the cosine.</summary>
    public double ImageLossWeight { get; init; } = 3;

    /// <summary>
    /// How pictures are drawn: false for prefilled autoregression (learned inputs), true for the plain one that the paper compares
    /// with (the embeddings themselves are inputs).
    /// </summary>
    public bool Plain { get; init; }

    /// <summary>Whether the vision encoder is trained too; it is frozen officially.</summary>
    public bool TrainVision { get; init; }

    /// <summary>Factor on the learning rate of the vision encoder.</summary>
    public double VisionLearningRateScale { get; init; } = 0.1;

    /// <summary>
    /// Weight of the pieces' error that keeps a trained vision encoder able to see pixels (the loss of the stage vision); 0 for
    /// none.
    /// </summary>
    public double VisionPieceWeight { get; init; }

    /// <summary>
    /// Weight of the labels' error: what the head of the stage vision reads from true embeddings it should read from drawn ones too.
    /// It makes up little of the squared error, but it decides what is painted. 0 for none, as officially.
    /// </summary>
    public double ImageLabelWeight { get; init; }

    /// <summary>The folder of the vision encoder's own training, whose head is needed where one of these weights is above 0.</summary>
    public string? VisionTraining { get; init; }

    /// <summary>The most tokens of a sample; longer ones count as broken.</summary>
    public int MaxLength { get; init; } = 4096;

    /// <summary>
    /// Up to how many tokens conversations share a row of the batch, each attending to itself alone: the same losses with less
    /// padding, where lengths differ. 0 gives each a row of its own.
    /// </summary>
    public int PackedLength { get; init; }

    /// <inheritdoc/>
    protected internal override IEnumerable<string> Problems() =>
    [
        .. base.Problems(),
        .. Rule(!(TokenLossWeight >= 0) || !(ImageLossWeight >= 0), "weights must be 0 or more"),
        .. Rule(!(VisionLearningRateScale >= 0), "vision_learning_rate_scale must be 0 or more"),
        .. Rule(!(VisionPieceWeight >= 0), "vision_piece_weight must be 0 or more"),
        .. Rule(VisionPieceWeight > 0 && !TrainVision, "vision_piece_weight needs train_vision: true"),
        .. Rule(!(ImageLabelWeight >= 0), "image_label_weight must be 0 or more"),
        .. Rule(
            (VisionPieceWeight > 0 || ImageLabelWeight > 0) && VisionTraining is null,
            "vision_piece_weight and image_label_weight need vision_training, the folder of the vision encoder's training"),
        .. Rule(MaxLength < 1, "max_length must be at least 1"),
        .. Rule(PackedLength < 0, "packed_length must be 0 or more"),
    ];
}
