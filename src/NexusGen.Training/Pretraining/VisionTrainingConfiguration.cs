using NexusGen.Training.Configuration;

namespace NexusGen.Training.Pretraining;

/// <summary>
/// The configuration for training a vision encoder from random weights, before it is combined with a language model. Each
/// embedding must contain what its own piece of the image looks like and its position.
/// </summary>
internal sealed record VisionTrainingConfiguration : ModelTrainingConfiguration
{
    /// <summary>The width of the training images; others are scaled to cover the size and cropped. A multiple of 28.</summary>
    public int Width { get; init; } = 112;

    /// <summary>The height of the training images; a multiple of 28.</summary>
    public int Height { get; init; } = 112;

    /// <summary>
    /// The side, in pixels, of the downscaled piece of the image that an embedding must reproduce; a divisor of the side of its
    /// region (28).
    /// </summary>
    public int PieceSide { get; init; } = 14;

    /// <summary>The width of the auxiliary head, which is discarded after the training.</summary>
    public int HeadWidth { get; init; } = 512;

    /// <summary>The weight of the loss of the pieces.</summary>
    public double PieceWeight { get; init; } = 1;

    /// <summary>The weight of the loss of the positions.</summary>
    public double PlaceWeight { get; init; } = 0.05;

    /// <summary>The weight of the loss of the labels, for data that has them, such as ShapesWorld.</summary>
    public double LabelWeight { get; init; } = 0.1;

    /// <summary>
    /// Whether the encoder is trained; otherwise, only its head, for use in the language model's training
    /// (<c>vision_training</c>).
    /// </summary>
    public bool TrainEncoder { get; init; } = true;

    /// <inheritdoc/>
    protected override IEnumerable<string> Problems() =>
    [
        .. base.Problems(),
        .. Rule(Width < 1 || Height < 1, "width and height must be at least 1"),
        .. Rule(PieceSide < 1 || HeadWidth < 1, "piece_side and head_width must be at least 1"),
        .. Rule(!(PieceWeight >= 0) || !(PlaceWeight >= 0) || !(LabelWeight >= 0), "weights must be 0 or more"),
    ];
}
