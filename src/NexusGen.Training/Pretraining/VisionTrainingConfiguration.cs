using NexusGen.Training.Configuration;

namespace NexusGen.Training.Pretraining;

/// <summary>
/// How a vision encoder is trained from nothing, before it meets a language model: each embedding must tell what its own piece
/// of the picture looks like and where it lies.
/// </summary>
public sealed record VisionTrainingConfiguration : ModelTrainingConfiguration
{
    /// <summary>Width of the pictures that are trained on; others are scaled to cover it and cropped. A multiple of 28.</summary>
    public int Width { get; init; } = 112;

    /// <summary>Height of the pictures that are trained on; a multiple of 28.</summary>
    public int Height { get; init; } = 112;

    /// <summary>Side in pixels of the reduced piece that an embedding must give back; it divides an embedding's side (28).</summary>
    public int PieceSide { get; init; } = 14;

    /// <summary>Width of the head, which is thrown away.</summary>
    public int HeadWidth { get; init; } = 512;

    /// <summary>Weight of the error of the pieces.</summary>
    public double PieceWeight { get; init; } = 1;

    /// <summary>Weight of the error of the places.</summary>
    public double PlaceWeight { get; init; } = 0.05;

    /// <summary>Weight of the error of the labels, for data that has some (ShapesWorld's pictures have).</summary>
    public double LabelWeight { get; init; } = 0.1;

    /// <summary>Whether the encoder learns; otherwise its head alone, which a language model's training asks for (<c>vision_training</c>).</summary>
    public bool TrainEncoder { get; init; } = true;

    /// <inheritdoc/>
    protected internal override IEnumerable<string> Problems() =>
    [
        .. base.Problems(),
        .. Rule(Width < 1 || Height < 1, "width and height must be at least 1"),
        .. Rule(PieceSide < 1 || HeadWidth < 1, "piece_side and head_width must be at least 1"),
        .. Rule(!(PieceWeight >= 0) || !(PlaceWeight >= 0) || !(LabelWeight >= 0), "weights must be 0 or more"),
    ];
}
