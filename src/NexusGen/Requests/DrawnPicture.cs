using NexusGen.Imaging;

namespace NexusGen.Requests;

/// <summary>A picture that the model made, with what is needed to make it again.</summary>
/// <param name="Image">The pixels.</param>
/// <param name="Index">Which picture of the reply it is, from 0.</param>
/// <param name="Embeddings">The image embeddings that it was decoded from.</param>
/// <param name="Decoder">Which decoder painted it.</param>
/// <param name="Settings">The settings in force, defaults filled in; the seed is this picture's own.</param>
/// <param name="ComputedSteps">How many steps were computed; fewer than all where TeaCache reused some.</param>
public sealed record DrawnPicture(
    RgbImage Image,
    int Index,
    ImageEmbeddings Embeddings,
    DecoderChoice Decoder,
    PictureSettings Settings,
    int ComputedSteps);
