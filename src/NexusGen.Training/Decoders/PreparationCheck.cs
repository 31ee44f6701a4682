using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Text;
using NexusGen.Training.Core;
using NexusGen.Training.Data;
using NexusGen.Training.Autoregressive;

namespace NexusGen.Training.Decoders;

/// <summary>Tells which records a decoder's data can be prepared of. Safe to use from several threads.</summary>
/// <param name="files">The model.</param>
/// <param name="options">What is prepared.</param>
public sealed class PreparationCheck(ModelFiles files, PreparationOptions options)
{
    private readonly SampleEncoder _encoder = new(files, sourceGrid: files.Configuration.Grids.Source);

    /// <summary>Looks at a record.</summary>
    /// <param name="sample">The record.</param>
    /// <exception cref="NexusGenException">It has no picture, draws nothing where predictions are wanted, or is no edit where edits are.</exception>
    public void Check(TrainingSample sample)
    {
        if (sample.Pictures.Count == 0)
        {
            throw new TrainingException("has no picture, but decoders are trained on pictures");
        }

        if (options.Editing)
        {
            SourceOf(sample);
        }

        if (options.Editing || options.Predicted)
        {
            _encoder.Check(sample);
            if (RolesOfPictures(sample)[^1] != ChatMessage.AssistantRole)
            {
                throw new TrainingException("draws nothing, but predictions of drawn pictures are prepared");
            }
        }
    }

    /// <summary>The picture that a conversation edits: the last one that the user brings.</summary>
    /// <exception cref="TrainingException">It is no edit.</exception>
    internal static RgbImage SourceOf(TrainingSample sample)
    {
        string[] roles = RolesOfPictures(sample);
        int last = Array.FindLastIndex(roles, role => role != ChatMessage.AssistantRole);
        return last >= 0 && roles[^1] == ChatMessage.AssistantRole && roles.Length == sample.Pictures.Count
            ? sample.Pictures[last]
            : throw new TrainingException("is no edit: that needs a picture of the user and one that the assistant draws");
    }

    private static string[] RolesOfPictures(TrainingSample sample) =>
        [.. sample.Messages.SelectMany(message => Enumerable.Repeat(message.Role, message.Content.Split(TrainingRecord.ImageMark).Length - 1))];
}
