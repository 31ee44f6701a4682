using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Imaging;
using NexusGen.Training.Distributed;

namespace NexusGen.Cli.Evaluation;

/// <summary>Collects the results of an evaluation whose cases are divided among ranks.</summary>
/// <param name="collectives">The ranks.</param>
/// <param name="evaluation">The evaluation, which makes the same cases on all ranks.</param>
internal sealed class CaseExchange(ICollectives collectives, WorldEvaluation evaluation)
{
    /// <summary>Returns whether this rank runs a case.</summary>
    /// <param name="number">The number of the case in its category.</param>
    public bool IsOurs(int number) => number % collectives.Size == collectives.Rank;

    /// <summary>Returns the results of all ranks. All of them call this.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="category">The category.</param>
    /// <param name="own">The cases of the category, with the results of this rank.</param>
    public EvaluatedCase[] Collect(string suite, string category, EvaluatedCase?[] own)
    {
        if (collectives.Size == 1)
        {
            return own!;
        }

        string[] all = collectives.Gather(
            new JsonArray([.. own.Index().Where(item => item.Item is not null).Select(item => Write(item.Index, item.Item!))])
                .ToJsonString(JsonText.Format));
        foreach (JsonNode? result in all.SelectMany(some => JsonNode.Parse(some)!.AsArray()))
        {
            int number = (int)result!["number"]!;
            own[number] ??= Read(result, evaluation.CaseOf(suite, category, number));
        }

        return own!;
    }

    // Of correct cases too, the image is kept in the folder of the evaluation.
    private static JsonNode Write(int number, EvaluatedCase result) => new JsonObject
    {
        ["number"] = number,
        ["right"] = result.Right,
        ["said"] = result.Said,
        ["fault"] = result.Fault,
        ["change_right"] = result.ChangeRight,
        ["rest_right"] = result.RestRight,
        ["score"] = result.Score,
        ["outside_psnr"] = result.OutsidePsnr,
        ["image"] = result.Picture is { } image ? Convert.ToBase64String(ImageFile.Encode(image, ImageFormat.Png)) : null,
    };

    private static EvaluatedCase Read(JsonNode result, EvaluationCase item) => new(
        item, (bool)result["right"]!, (string)result["said"]!, (string)result["fault"]!,
        (string?)result["image"] is { } image ? ImageFile.Read(Convert.FromBase64String(image)) : null)
    {
        ChangeRight = (bool)result["change_right"]!,
        RestRight = (bool)result["rest_right"]!,
        Score = (double)result["score"]!,
        OutsidePsnr = (double?)result["outside_psnr"],
    };
}
